import type { Policy } from './parse-policies.ts'

const CONTAINS = /\breach\s*\.\s*contains(?:Any|All)?\s*\(([^)]*)\)/g
const TEXT = /"([^"\\]+)"/g

/** The names that permits look for in a task's `reach`. Any other name in a task's `reach` has no effect. */
export function reachNames(policies: readonly Policy[]): string[] {
  const permits = policies.filter(({ effect }) => effect === 'permit')
  const names = permits.flatMap(({ text }) =>
    [...text.matchAll(CONTAINS)].flatMap(([, list = '']) => [...list.matchAll(TEXT)].map(([, name = '']) => name)),
  )
  return [...new Set(names)].toSorted()
}
