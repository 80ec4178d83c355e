/**
 * The top-level fields that differ between two versions of a JSON file; an absent file has none. null where one of the two
 * is not a JSON object, so that nobody can say. Attacker-controlled text.
 */
export function changedFields(before: string | null, after: string | null): string[] | null {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  if (old === null || now === null) return null
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key))
}

/** Field to its value as JSON again. */
function fieldsOf(text: string | null): Map<string, string> | null {
  if (text === null) return new Map()
  try {
    const value: unknown = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return new Map(Object.entries(value).map(([key, field]) => [key, JSON.stringify(field)]))
  } catch {
    // Not JSON, or nested deeper than the stack is.
    return null
  }
}
