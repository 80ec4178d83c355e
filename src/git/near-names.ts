const MAX_SHOWN = 5
const MAX_COMPARED = 2000

/** `; did you mean …?` with similar names, or else the first of all known names. */
export function suggestNames(wanted: string, names: readonly string[]): string {
  const near = names
    .slice(0, MAX_COMPARED)
    .map((name) => ({ name, distance: editDistance(wanted.slice(0, 100), name.slice(0, 100)) }))
    .filter(({ name, distance }) => distance <= Math.max(2, wanted.length / 3) || name.includes(wanted))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MAX_SHOWN)
  if (near.length > 0) return `; did you mean ${near.map(({ name }) => name).join(', ')}?`
  const more = names.length > MAX_SHOWN ? `, and ${names.length - MAX_SHOWN} more` : ''
  return `; there are: ${names.slice(0, MAX_SHOWN).join(', ')}${more}`
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
