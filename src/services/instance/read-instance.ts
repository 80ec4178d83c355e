// Use cases: read the instance's identity, the probes of its machine, and its log.
import type { Answer, Call } from '../../contract/call.ts'
import type { LogEntry } from '../../domain/event.ts'
import type { LogQuery } from '../../store/types.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

const LOG_PAGE = 1000

export async function getHealth(
  parts: AuthoriseParts & Pick<ServiceParts, 'probes'>,
  call: Call<'getHealth'>,
): Promise<Answer<'getHealth'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const probes = [...(await parts.probes())]
  return { healthy: probes.every((probe) => probe.found), probes }
}

export async function getInstance(
  parts: AuthoriseParts & Pick<ServiceParts, 'sandboxKinds' | 'version' | 'dataFolder'>,
  call: Call<'getInstance'>,
): Promise<Answer<'getInstance'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const sandboxes = [...parts.sandboxKinds.keys()]
  return { version: parts.version, dataFolder: parts.dataFolder, pid: process.pid, sandboxes }
}

/** Reads the events of all runs. Policies about single runs do not filter it, so it needs its own permission. */
export async function readLog(parts: AuthoriseParts, call: Call<'readLog'>): Promise<Answer<'readLog'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { after = 0, kind, limit, follow = false } = call.query
  const kinds = kind ? { kinds: kind } : {}
  const items = follow
    ? parts.store.log.follow({ after, ...kinds }, call.signal)
    : pages(parts, { after, limit: limit ?? Infinity, ...kinds }, call.signal)
  return { follow, items: limit === undefined ? items : first(items, limit) }
}

async function* pages(
  { store }: AuthoriseParts,
  query: LogQuery & { after: number; limit: number },
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  for (let { after } = query; !signal.aborted;) {
    const page = await store.log.list({ ...query, after, limit: Math.min(LOG_PAGE, query.limit) })
    if (page.length === 0) return
    yield* page
    after = page.at(-1)?.position ?? after
  }
}

async function* first<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count
  for await (const item of items) {
    yield item
    left -= 1
    if (left === 0) return
  }
}
