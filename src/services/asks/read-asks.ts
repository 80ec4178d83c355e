// Use cases: read agents' permission requests to people.
import type { Answer, Call } from '../../contract/call.ts'
import type { Ask } from '../../domain/ask.ts'
import type { Run } from '../../domain/run.ts'
import type { Attributes, EntityRef } from '../../policy/types.ts'
import { authoriseList, type AuthoriseParts } from '../authorise.ts'
import { readPage } from '../read-page.ts'
import { findRun } from '../runs/find-run.ts'

export async function listAsks(parts: AuthoriseParts, call: Call<'listAsks'>): Promise<Answer<'listAsks'>> {
  const permitted = await authoriseList(parts, call)
  const { status, run } = call.query
  const filter = {
    ...(status ? { status } : {}),
    ...(run === undefined ? {} : { run: (await findRun(parts, call, run)).id }),
  }
  const { items, next } = await readPage(
    call.query,
    (page) => parts.store.asks.list({ ...page, ...filter }),
    (ask) => permitted({ type: 'Run', id: ask.run, attributes: {} }),
  )
  return { asks: items, next }
}

export function askEntity({ id, agent, tool, status }: Ask, run: Run): EntityRef {
  return { type: 'Ask', id, attributes: { run: run.id, requester: run.requester.id, agent, tool, status } }
}

export function askContext(ask: Ask, run: Run, answer: 'allowed' | 'denied', reason: string | null): Attributes {
  return {
    requester: run.requester.id,
    ...(run.requester.via ? { requesterVia: run.requester.via } : {}),
    repository: run.repository,
    tool: ask.tool,
    answer,
    ...(reason === null ? {} : { reason }),
  }
}
