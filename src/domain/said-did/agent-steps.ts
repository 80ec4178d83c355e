// Groups the events of a run by agent step: the agent's statements and the observed actions.
import type { Event } from '../event.ts'
import { CallList } from './calls.ts'
import type { Habits } from './habits.ts'
import { NO_HABITS } from './habits.ts'
import type { Program } from './programs.ts'
import { ProcessTree } from './programs.ts'

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>

export type SeenRequest = Of<'net.requested' | 'git.fetched' | 'git.pushed' | 'model.called'>
export type Life = { seq: number; kind: 'started'; program: Program } | { seq: number; kind: 'exited'; pid: number }

export interface AgentStep {
  step: number
  agent: string | null
  /** Seq of agent.started; Infinity if its session never opened. */
  open: number
  /** A plain agent has no session that opens: it may have started work before its first statement. */
  plain: boolean
  habits: Habits
  list: CallList
  programs: Program[]
  /** Starts and exits of processes, and requests, in order. */
  timeline: (Life | { seq: number; kind: 'request'; event: SeenRequest })[]
  /** Each with the program that the process ran at that time; null if none was reported. */
  files: { event: Of<'file.accessed'>; program: Program | null }[]
  connects: { event: Of<'net.attempted'>; program: Program | null }[]
}

/** `events` must be in the order of the record. */
export function agentSteps(events: readonly Event[], folder: string, habitsOf: (agent: string) => Habits): AgentStep[] {
  const steps = new Map<number, AgentStep>()
  for (const event of events) {
    if (!event.kind.startsWith('agent.')) continue
    const { step } = event.body as { step: number }
    if (!steps.has(step)) steps.set(step, emptyStep(step, folder))
    if (event.kind === 'agent.started')
      Object.assign(steps.get(step) ?? {}, {
        agent: event.body.agent,
        open: event.seq,
        plain: event.body.protocol === 'plain',
        habits: habitsOf(event.body.agent),
      })
  }
  const tree = new ProcessTree()
  let current: AgentStep | null = null
  for (const event of events) {
    if (event.kind === 'step.started') current = steps.get(event.body.step) ?? null
    else if (event.kind === 'step.finished') current = null
    else sortOut(event, tree, steps, current)
  }
  tree.finish()
  return [...steps.values()]
}

function sortOut(event: Event, tree: ProcessTree, steps: Map<number, AgentStep>, current: AgentStep | null): void {
  switch (event.kind) {
    case 'process.started': {
      const program = tree.started(event)
      const step = steps.get(event.body.step)
      step?.programs.push(program)
      step?.timeline.push({ seq: event.seq, kind: 'started', program })
      return
    }
    case 'process.exited':
      tree.exited(event.body.pid)
      current?.timeline.push({ seq: event.seq, kind: 'exited', pid: event.body.pid })
      return
    case 'file.accessed': {
      const program = tree.current(event.body.pid)
      stepOf(program, steps, current)?.files.push({ event, program })
      return
    }
    case 'net.attempted': {
      const program = tree.current(event.body.pid)
      stepOf(program, steps, current)?.connects.push({ event, program })
      return
    }
    case 'net.requested':
      // The gateway follows redirects by itself; no process inside sent such a request.
      if (event.body.redirectedFrom === undefined) current?.timeline.push({ seq: event.seq, kind: 'request', event })
      return
    case 'git.fetched':
    case 'git.pushed':
    case 'model.called':
      current?.timeline.push({ seq: event.seq, kind: 'request', event })
      return
    case 'agent.tool-called':
    case 'agent.tool-updated':
    case 'agent.asked':
      return steps.get(event.body.step)?.list.told(event)
    case 'ask.decided':
      return steps.get(event.body.step)?.list.decided(event)
    default:
  }
}

function stepOf(
  program: Program | null,
  steps: Map<number, AgentStep>,
  current: AgentStep | null,
): AgentStep | null | undefined {
  return program === null ? current : steps.get(program.body.step)
}

function emptyStep(step: number, folder: string): AgentStep {
  const lists = { programs: [], timeline: [], files: [], connects: [] }
  return { step, agent: null, open: Infinity, plain: false, habits: NO_HABITS, list: new CallList(folder), ...lists }
}
