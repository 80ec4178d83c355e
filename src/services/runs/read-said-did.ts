// Use case: compare the claims of a run's agents with the observations of the kernel and the gateway.
import type { Answer, Call } from '../../contract/call.ts'
import type { Event } from '../../domain/event.ts'
import { NO_HABITS } from '../../domain/said-did/habits.ts'
import { SAID_DID_KINDS, saidDid, shortened } from '../../domain/said-did/said-did.ts'
import { ARTIFACTS_PATH, REPOSITORY_PATH, WORKSPACE } from '../../runner/environment.ts'
import type { AuthoriseParts } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'
import { authorisedRun } from './find-run.ts'

/** Most events of a comparison, because all are in memory at once. */
const MAX_EVENTS = 500_000
const PAGE = 10_000
const DEFAULT_LIMIT = 1000

export async function readSaidDid(
  parts: AuthoriseParts & Pick<ServiceParts, 'agents'>,
  call: Call<'readSaidDid'>,
): Promise<Answer<'readSaidDid'>> {
  const { id } = await authorisedRun(parts, call)
  const events: Event[] = []
  for (let after = 0; ;) {
    const page = await parts.store.events.list({ run: id, kinds: SAID_DID_KINDS, after, limit: PAGE })
    for (const event of page) events.push(event)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) break
    if (events.length >= MAX_EVENTS)
      throw new ServiceError('too-large', `run ${id} has more than ${MAX_EVENTS} events that would have to be compared`)
    after = last.seq
  }
  const habitsOf = (agent: string) => parts.agents.get(agent)?.habits ?? NO_HABITS
  const options = { folder: REPOSITORY_PATH, work: [WORKSPACE, ARTIFACTS_PATH], habitsOf }
  return shortened(saidDid(events, options), call.query.limit ?? DEFAULT_LIMIT)
}
