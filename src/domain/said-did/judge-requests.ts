// Finds for each request the calls that may have sent it. The gateway sees requests but not the sending process.
import { printable } from '../byte-text.ts'
import type { AgentStep, SeenRequest } from './agent-steps.ts'
import { bounded, union } from './candidates.ts'
import type { Habits } from './habits.ts'
import { isRefusedHabit } from './habits.ts'
import type { Judgement } from './judgement.ts'
import { attributionOf, byWindow, inherited, START, tie, oneOf, UNANNOUNCED, upkeep } from './judgement.ts'
import { LiveCalls } from './live-calls.ts'
import type { Program } from './programs.ts'
import type { RequestRow } from './types.ts'
import { Windows } from './windows.ts'

export function judgeRequests(step: AgentStep): RequestRow[] {
  return [...sent(step), ...connects(step)].toSorted((a, b) => a.seq - b.seq)
}

/** Any call with a living process may have sent a request, and so may an active call without a command. */
function sent({ timeline, list, open, habits }: AgentStep): RequestRow[] {
  const windows = new Windows(list.calls, list.boundaries)
  const alive = new AliveCalls()
  return timeline.flatMap((entry) => {
    if (entry.kind === 'started') alive.add(entry.program)
    if (entry.kind === 'exited') alive.remove(entry.pid)
    if (entry.kind !== 'request') return []
    const { event, seq } = entry
    const by = seq < open ? START : (known(event, habits) ?? judge(alive, windows, seq))
    return [{ seq, kind: event.kind, pid: null, what: wordsOf(event), by: attributionOf(by) }]
  })
}

function known(event: SeenRequest, habits: Habits): Judgement | null {
  if (event.kind === 'model.called') return upkeep('model')
  if (event.kind !== 'net.requested' || typeof event.body.url !== 'string') return null
  return isRefusedHabit(event.body.url, event.body.decision.allowed, habits) ? upkeep('habit') : null
}

function judge(alive: AliveCalls, windows: Windows, seq: number): Judgement {
  const found = windows.processes(seq)
  const now = byWindow(found)
  const candidates = union(alive.calls(), found)
  if (alive.unannounced > 0)
    return candidates.calls.length === 0
      ? { ...UNANNOUNCED, rule: 'alive' }
      : tie(union(candidates, now), 'alive', { orNone: true })
  if (candidates.calls.length === 0) return now
  if (found.next !== null)
    return tie(union(candidates, now), 'opening', { orNone: now.orNone && alive.calls().calls.length === 0 })
  return oneOf(candidates, found.calls.length > 0 ? 'window' : 'alive', found.calls.length > 1 ? 'windows' : 'alive')
}

/** The calls that have a living process. */
class AliveCalls {
  readonly #byPid = new Map<number, Judgement>()
  readonly #counts = new Map<number, number>()
  readonly #calls = new LiveCalls()
  unannounced = 0

  add({ body: { pid }, judgement }: Program): void {
    this.remove(pid)
    if (judgement === null) return
    this.#byPid.set(pid, judgement)
    this.#count(judgement, 1)
  }

  remove(pid: number): void {
    const judgement = this.#byPid.get(pid)
    if (judgement) this.#count(judgement, -1)
    this.#byPid.delete(pid)
  }

  calls() {
    return bounded(this.#calls, this.#calls.size)
  }

  #count(judgement: Judgement, by: 1 | -1): void {
    if (judgement.class === 'unannounced' || judgement.orNone) this.unannounced += by
    for (const call of judgement.calls) {
      const count = (this.#counts.get(call) ?? 0) + by
      if (count > 0) this.#counts.set(call, count)
      else this.#counts.delete(call)
      if (count > 0) this.#calls.add(call)
      else this.#calls.delete(call)
    }
  }
}

function connects({ connects: all, list, open }: AgentStep): RequestRow[] {
  const windows = new Windows(list.calls, list.boundaries)
  return all.map(({ event, program }) => {
    const { seq, body } = event
    const { pid, family, address, port, times } = body
    const found = windows.processes(seq)
    const own = program?.judgement === START || program?.judgement?.class === 'upkeep'
    const toGateway = family === 'unix' || /^(127\.|::1$|::ffff:127\.)/.test(printable(address))
    const by = !own
      ? inherited(program?.judgement ?? UNANNOUNCED, found, 'process')
      : seq < open
        ? START
        : toGateway
          ? upkeep('own-connect')
          : byWindow(found)
    const what = `connect ${family} ${printable(address)}${family === 'unix' ? '' : `:${port}`}${times > 1 ? ` ${times} times` : ''}`
    return { seq, kind: event.kind, pid, what, by: attributionOf(by) }
  })
}

const MAX_WORDS = 1000

function wordsOf(event: SeenRequest): string {
  return printable(linesOf(event)).slice(0, MAX_WORDS)
}

function linesOf(event: SeenRequest): string {
  switch (event.kind) {
    case 'net.requested':
      return `${event.body.method} ${event.body.url} ${event.body.status}${event.body.decision.allowed ? '' : ' refused'}`
    case 'git.fetched':
      return `git ${event.body.command} ${event.body.repository}`
    case 'git.pushed':
      return `git push ${event.body.updates.map(({ ref }) => ref).join(' ')}${event.body.accepted ? '' : ' refused'}`
    case 'model.called':
      return `${event.body.connection} ${event.body.model} ${event.body.status}`
  }
}
