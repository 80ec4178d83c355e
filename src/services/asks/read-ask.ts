// Use cases: read a permission request, and the whole input of the tool call that it is about.
import type { Answer, Call, Download } from '../../contract/call.ts'
import type { Ask } from '../../domain/ask.ts'
import type { Digest } from '../../domain/events/fields.ts'
import { authorise, type AuthoriseParts, permits } from '../authorise.ts'
import { resolveReference } from '../resolve-reference.ts'
import { runContext, runEntity } from '../runs/find-run.ts'
import { downloadBlob } from '../runs/stored-results.ts'
import { ServiceError } from '../types.ts'

export async function getAsk(parts: AuthoriseParts, call: Call<'getAsk'>): Promise<Answer<'getAsk'>> {
  return authorisedAsk(parts, call)
}

export async function readAskInput(parts: AuthoriseParts, call: Call<'readAskInput'>): Promise<Download> {
  const ask = await authorisedAsk(parts, call)
  const digest = await inputOf(parts, ask)
  if (digest === null) throw new ServiceError('not-found', `the agent gave no input with request ${ask.id}`)
  return downloadBlob(parts, { name: `${ask.id}.json`, digest, run: ask.run })
}

/** A caller who may read the run may read what its agent asks. */
async function authorisedAsk(parts: AuthoriseParts, call: Call<'getAsk' | 'readAskInput'>): Promise<Ask> {
  const readable = permits(parts, call)
  const ask = await resolveReference('ask', call.params.ask, parts.store.asks, ({ run }) =>
    readable({ type: 'Run', id: run, attributes: {} }),
  )
  const run = await parts.store.runs.get(ask.run)
  if (!run) throw new ServiceError('not-found', `run ${ask.run} does not exist`)
  await authorise(parts, call, { resource: runEntity(run), context: runContext(run), run: run.id })
  return ask
}

/** What the agent had last said about the call when it asked. Later statements are not what the person is asked about. */
async function inputOf({ store }: Pick<AuthoriseParts, 'store'>, { id, run, call, step }: Ask): Promise<Digest | null> {
  let digest: string | null = null
  const kinds = ['agent.tool-called', 'agent.tool-updated', 'agent.asked'] as const
  for (let after = 0; ;) {
    const events = await store.events.list({ run, kinds, after, limit: 1000 })
    for (const event of events) {
      if (event.kind === 'agent.asked' && event.body.ask === id) return digest as Digest | null
      if (event.kind !== 'agent.tool-called' && event.kind !== 'agent.tool-updated') continue
      if (event.body.call === call && event.body.step === step) digest = event.body.input ?? digest
    }
    const last = events.at(-1)
    if (last === undefined) return null
    after = last.seq
  }
}
