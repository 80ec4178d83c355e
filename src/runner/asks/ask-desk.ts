// Decides an agent's permission requests: by the policies or, if these say so, by a person. Any error is a denial.
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

/** Most open requests of one run. Further requests are denied at once. */
const MAX_OPEN = 32
const MAX_TITLE_CHARS = 4096
const MAX_NOTE_CHARS = 2000

export interface AskDesk {
  /**
   * Implements AgentHost.permit: asks policy, then a person if policy says so. Each request ends in one `ask.decided`.
   * Never rejects. When the signal aborts, open requests are denied. The caller has already recorded `agent.asked`.
   */
  permit(run: Run, step: number, agent: string, request: PermissionRequest, signal: AbortSignal): Promise<boolean>
}

interface DeskParts {
  store: WritingStore
  policy: PolicyEngine
  ids: IdSource
}

type Outcome = Pick<EventBody<'ask.decided'>, 'outcome' | 'by' | 'reasons' | 'note'>

/** `askMs`: time that a person has to answer, in ms. */
export function openAskDesk({ store, policy, ids }: DeskParts, askMs: number): AskDesk {
  async function decided(run: Run, step: number, ask: string, outcome: Outcome): Promise<boolean> {
    const note = outcome.note?.slice(0, MAX_NOTE_CHARS).toWellFormed() ?? null
    await store.record([platformEvent(run.id, 'ask.decided', { step, ask, ...outcome, note })])
    return outcome.outcome === 'allowed'
  }

  /** Opens an ask; false: too many asks of the run are open. */
  async function open(ask: Ask): Promise<boolean> {
    return store.transact(async (tx) => {
      const others = await tx.asks.list({ status: ['open'], run: ask.run, limit: MAX_OPEN })
      if (others.items.length >= MAX_OPEN) return false
      await tx.asks.insert(ask)
      await tx.record([platformEvent(ask.run, 'ask.opened', { step: ask.step, ask: ask.id, deadline: ask.deadline })])
      return true
    })
  }

  /** Takes the answer if there is one, otherwise closes the ask without one. One transaction decides which. */
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
      const note = `${MAX_OPEN} requests of this run are already waiting`
      return await decided(run, ask.step, ask.id, { outcome: 'denied', by: 'policy', reasons: [], note })
    }
    const ms = Math.max(0, ask.deadline - ids.now())
    // Reads the answer from the store, because another process may have received it.
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
          const note = 'it names more files than the policies can judge'
          return await decided(run, step, request.ask, { outcome: 'denied', by: 'policy', reasons: [], note })
        }
        const { outcome, reasons, errors } = decidePermission(policy, { run, step, agent, request })
        if (outcome === 'ask') return await askAPerson(run, askOf(request, run, step, agent, ids.now(), askMs), signal)
        const note = errors.length > 0 ? `error while deciding: ${errors.join('; ')}` : null
        return await decided(run, step, request.ask, { outcome, by: 'policy', reasons: [...reasons], note })
      } catch (error) {
        const note = `it could not be decided: ${error instanceof Error ? error.message : String(error)}`
        // Without a record the request stays denied. The next recording reports the lost record.
        await decided(run, step, request.ask, { outcome: 'denied', by: 'policy', reasons: [], note }).catch(() => {})
        return false
      }
    },
  }
}

/** The request comes from an agent in a sandbox and is attacker-controlled. */
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
