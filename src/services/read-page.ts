// One page of a list, of which the caller may see only a part.

export interface PageQuery {
  limit?: number | undefined
  cursor?: string | undefined
}

export interface Page<T> {
  items: T[]
  next: string | null
}

const DEFAULT_LIMIT = 50
/** A caller that may see little of much gets a short page and a cursor, rather than wait for all of it. */
const MAX_READS = 20

/** `read` gives newest first, and the cursor of what follows. */
export async function readPage<T>(
  { limit = DEFAULT_LIMIT, cursor }: PageQuery,
  read: (page: { limit: number; cursor?: string }) => Promise<{ items: readonly T[]; next: string | null }>,
  permits: (item: T) => boolean,
): Promise<Page<T>> {
  const items: T[] = []
  let next: string | null = cursor ?? null
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const page = await read({ limit: limit - items.length, ...(next === null ? {} : { cursor: next }) })
    items.push(...page.items.filter(permits))
    next = page.next
    if (next === null || items.length >= limit) break
  }
  return { items, next }
}

/** A page of what is in memory, in order of its names. The cursor is the last name of the page before. */
export function pageOfNamed<T>(
  all: readonly T[],
  { limit = DEFAULT_LIMIT, cursor }: PageQuery,
  nameOf: (item: T) => string,
): Page<T> {
  const ordered = all.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0))
  const rest = cursor === undefined ? ordered : ordered.filter((item) => nameOf(item) > cursor)
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  return { items, next: last !== undefined && rest.length > limit ? nameOf(last) : null }
}
