// Where an agent's permission requests are decided: by the policies, or, where these say so, by a person. Everything
// that goes wrong on the way is a denial.
import type { PermissionRequest } from '../../agents/types.ts'
import type { Ask } from '../../domain/ask.ts'
import type { EventBody } from '../../domain/event.ts'
import type { IdSource } from '../../domain/ids.ts'
import type { Run } from '../../domain/run.ts'
import type { PolicyEngine } from '../../policy/types.ts'
import type { WritingStore } from '../../store/types.ts'
import { closeAsk } from './close-ask.ts'
import { decidePermission } from './decide-permission.ts'
import { platformEvent } from '../../domain/event.ts'
import { stopReason } from '../stop-reason.ts'
import { waitForAnswer } from './wait-for-answer.ts'

/** Requests of one run that wait at a time; an agent that asks for more has its answer at once. */
const MAX_OPEN = 32
const MAX_TITLE_CHARS = 4096
const MAX_NOTE_CHARS = 2000

export interface AskDesk {
  /**
   * What AgentHost.permit does: policy, then a person where policy says so. Each request ends in one `ask.decided`. Never
   * rejects; when the signal aborts, what is still open is denied. `agent.asked` is on the record already.
   */
  permit(run: Run, step: number, agent: string, request: PermissionRequest, signal: AbortSignal): Promise<boolean>
}

interface DeskParts {
  store: WritingStore
  policy: PolicyEngine
  ids: IdSource
}

type Outcome = Pick<EventBody<'ask.decided'>, 'outcome' | 'by' | 'reasons' | 'note'>

/** `askMs`: how long a person has to answer. */
export function openAskDesk({ store, policy, ids }: DeskParts, askMs: number): AskDesk {
  async function decided(run: Run, step: number, ask: string, outcome: Outcome): Promise<boolean> {
    const note = outcome.note?.slice(0, MAX_NOTE_CHARS).toWellFormed() ?? null
    await store.record([platformEvent(run.id, 'ask.decided', { step, ask, ...outcome, note })])
    return outcome.outcome === 'allowed'
  }

  /** false: too many of the run wait already. */
  async function open(ask: Ask): Promise<boolean> {
    return store.transact(async (tx) => {
      const others = await tx.asks.list({ status: ['open'], run: ask.run, limit: MAX_OPEN })
      if (others.items.length >= MAX_OPEN) return false
      await tx.asks.insert(ask)
      await tx.record([platformEvent(ask.run, 'ask.opened', { step: ask.step, ask: ask.id, deadline: ask.deadline })])
      return true
    })
  }

  /** The answer if there is one by now; otherwise there will be none. One transaction decides which. */
  async function settle(id: string, by: 'deadline' | 'end', note: string | null): Promise<boolean> {
    return store.transact(async (tx) => {
      const ask = await tx.asks.get(id)
      if (ask?.status !== 'open') return ask?.status === 'allowed'
      await closeAsk(tx, ask, { by, note, now: ids.now() })
      return false
    })
  }

  async function askAPerson(run: Run, ask: Ask, signal: AbortSignal): Promise<boolean> {
    if (!(await open(ask))) {
      const note = `${MAX_OPEN} requests of this run wait already`
      return await decided(run, ask.step, ask.id, { outcome: 'denied', by: 'policy', reasons: [], note })
    }
    const ms = Math.max(0, ask.deadline - ids.now())
    // Whichever process takes the answer: it is in the store.
    const answered = (waiting: AbortSignal) => store.awaitAsk(ask.id, waiting)
    switch (await waitForAnswer({ ms, answered, signal })) {
      case 'answered':
        return (await store.asks.get(ask.id))?.status === 'allowed'
      case 'deadline':
        return await settle(ask.id, 'deadline', null)
      case 'end':
        return await settle(ask.id, 'end', stopReason(signal).message.slice(0, MAX_NOTE_CHARS).toWellFormed())
    }
  }

  return {
    async permit(run, step, agent, request, signal) {
      try {
        if (!request.complete) {
          const note = 'it names more files than can be judged'
          return await decided(run, step, request.ask, { outcome: 'denied', by: 'policy', reasons: [], note })
        }
        const { outcome, reasons, errors } = decidePermission(policy, { run, step, agent, request })
        if (outcome === 'ask') return await askAPerson(run, askOf(request, run, step, agent, ids.now(), askMs), signal)
        const note = errors.length > 0 ? `error while deciding: ${errors.join('; ')}` : null
        return await decided(run, step, request.ask, { outcome, by: 'policy', reasons: [...reasons], note })
      } catch (error) {
        const note = `it could not be decided: ${error instanceof Error ? error.message : String(error)}`
        // Without a record there is no yes; who records next learns that the record is lost.
        await decided(run, step, request.ask, { outcome: 'denied', by: 'policy', reasons: [], note }).catch(() => {})
        return false
      }
    },
  }
}

/** Attacker-controlled: the request is what an agent in a sandbox wrote. */
function askOf(request: PermissionRequest, run: Run, step: number, agent: string, now: number, askMs: number): Ask {
  const { ask, call, title, tool, command, paths, options = [] } = request
  return {
    id: ask,
    run: run.id,
    step,
    agent,
    call: call.toWellFormed(),
    title: title.slice(0, MAX_TITLE_CHARS).toWellFormed(),
    tool,
    command,
    paths: [...paths],
    options: options.map(({ id, name, kind }) => ({ id, name, kind })),
    status: 'open',
    openedAt: now,
    deadline: now + askMs,
    decidedAt: null,
    decidedBy: null,
    note: null,
  }
}
