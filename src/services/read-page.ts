// Paging of lists of which a caller may see only a part.

export interface PageQuery {
  limit?: number | undefined
  cursor?: string | undefined
}

export interface Page<T> {
  items: T[]
  next: string | null
}

const DEFAULT_LIMIT = 50
/**
 * Most reads per page. A caller that may see few of many items gets a short page and a cursor instead of a long wait.
 */
const MAX_READS = 20

/** `read` returns items newest first, and the cursor of the next page. */
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

/** A page of items in memory, sorted by name. The cursor is the last name of the previous page. */
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
