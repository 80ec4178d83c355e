/**
 * The top-level fields that differ between two versions of a JSON file. A missing file counts as one without fields.
 * Returns null if a version is not a JSON object. Attacker-controlled text.
 */
export function changedFields(before: string | null, after: string | null): string[] | null {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  if (old === null || now === null) return null
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key))
}

/** From field name to its value as JSON. */
function fieldsOf(text: string | null): Map<string, string> | null {
  if (text === null) return new Map()
  try {
    const value: unknown = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return new Map(Object.entries(value).map(([key, field]) => [key, JSON.stringify(field)]))
  } catch {
    // The text is not JSON, or its nesting exceeds the stack.
    return null
  }
}
