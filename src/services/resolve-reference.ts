// Resolution of a reference that a person typed: a whole id, its first or last characters, or `latest`.
import { ID_LENGTH } from '../domain/ids.ts'
import { ServiceError } from './types.ts'

/** Number of candidates: enough to tell one from several, and to name a few. */
const CANDIDATES = 6
const LATEST_PAGE = 50

/** Commands that list the things. */
const LISTED = { run: 'runs', change: 'change list', ask: 'ask list' } as const

/** How the first one comes about. */
const FIRST = {
  run: '`glovebox run --help` shows how to start one',
  change: 'a run of a task with `mode: write` proposes one',
  ask: 'an agent opens one when a policy lets a person decide',
} as const

export interface Source<T> {
  get(id: string): Promise<T | null>
  /** Things whose ids start or end with `part`, unordered; at most `limit`. */
  find(part: string, limit: number): Promise<readonly T[]>
  /** Newest first. */
  list(page: { limit: number; cursor?: string }): Promise<{ items: readonly T[]; next: string | null }>
}

/**
 * Things that `permits` refuses are neither counted nor named as candidates. If only such a thing matches, it is
 * returned, and the caller refuses it.
 */
export async function resolveReference<T extends { id: string }>(
  what: keyof typeof LISTED,
  reference: string,
  source: Source<T>,
  permits: (thing: T) => boolean,
): Promise<T> {
  if (reference === 'latest') return (await latest(source, permits)) ?? noneYet(what)
  if (reference.length === ID_LENGTH)
    return (await source.get(reference)) ?? notFound(what, `There is no ${what} "${reference}"`)
  const found = await source.find(reference, CANDIDATES)
  const permitted = found.filter(permits)
  if (permitted.length > 1) throw ambiguous(what, reference, permitted)
  return permitted[0] ?? found[0] ?? notFound(what, `There is no ${what} "${reference}"`)
}

async function latest<T>(source: Source<T>, permits: (thing: T) => boolean): Promise<T | null> {
  for (let cursor: string | null = null; ;) {
    const page: { items: readonly T[]; next: string | null } = await source.list({
      limit: LATEST_PAGE,
      ...(cursor === null ? {} : { cursor }),
    })
    const found = page.items.find(permits)
    if (found !== undefined || page.next === null) return found ?? null
    cursor = page.next
  }
}

function noneYet(what: keyof typeof LISTED): never {
  throw new ServiceError('not-found', `There is no ${what} yet`, { cure: FIRST[what] })
}

function notFound(what: keyof typeof LISTED, message: string): never {
  throw new ServiceError('not-found', message, { cure: `\`glovebox ${LISTED[what]}\` lists them` })
}

function ambiguous(what: keyof typeof LISTED, reference: string, found: readonly { id: string }[]): ServiceError {
  const ids = found.slice(0, CANDIDATES - 1).map((one) => one.id)
  const more = found.length >= CANDIDATES ? ['and more'] : []
  return new ServiceError('ambiguous', `Several ${what}s have an id that starts or ends with "${reference}"`, {
    cure: 'give more characters',
    details: [...ids, ...more],
  })
}
