import type { Policy } from './parse-policies.ts'

const CONTAINS = /\breach\s*\.\s*contains(?:Any|All)?\s*\(([^)]*)\)/g
const TEXT = /"([^"\\]+)"/g

/** The names that permits look for in a task's `reach`: whatever else a task names, none of them gives it anything. */
export function reachNames(policies: readonly Policy[]): string[] {
  const permits = policies.filter(({ effect }) => effect === 'permit')
  const names = permits.flatMap(({ text }) =>
    [...text.matchAll(CONTAINS)].flatMap(([, list = '']) => [...list.matchAll(TEXT)].map(([, name = '']) => name)),
  )
  return [...new Set(names)].toSorted()
}
