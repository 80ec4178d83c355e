// Compares agents' statements with their observed actions. Each process and each file access of an agent step is in
// exactly one row. Work and memory grow linearly with the number of events.
import type { Event } from '../event.ts'
import type { AgentStep } from './agent-steps.ts'
import { agentSteps } from './agent-steps.ts'
import type { Habits } from './habits.ts'
import { NO_HABITS } from './habits.ts'
import { attributionOf, UNANNOUNCED } from './judgement.ts'
import { judgeFiles } from './judge-files.ts'
import { judgeReaders } from './judge-readers.ts'
import { judgePrograms } from './judge-programs.ts'
import { judgeRequests } from './judge-requests.ts'
import type { Program } from './programs.ts'
import type { Attribution, Class, ProcessRow, SaidDid, SaidDidStep, Tally } from './types.ts'
import { CLASSES } from './types.ts'
import { callRows, tally } from './verdicts.ts'

export interface SaidDidOptions {
  /** Working directory of the agent, the base of announced relative paths. */
  folder: string
  /** The folders that the task works on. */
  work: readonly string[]
  /** The known habits of an agent, by its name. */
  habitsOf?: (agent: string) => Habits
}

/** The kinds of events that the comparison uses. */
export const SAID_DID_KINDS = [
  'step.started',
  'step.finished',
  'process.started',
  'process.exited',
  'file.accessed',
  'net.attempted',
  'net.requested',
  'git.fetched',
  'git.pushed',
  'model.called',
  'agent.started',
  'agent.tool-called',
  'agent.tool-updated',
  'agent.asked',
  'agent.ended',
  'ask.decided',
] as const satisfies readonly Event['kind'][]

/** `events`: the events of one run in the order of the record. Kinds not listed above are ignored. */
export function saidDid(
  events: readonly Event[],
  { folder, work, habitsOf = () => NO_HABITS }: SaidDidOptions,
): SaidDid {
  return { steps: agentSteps(events, folder, habitsOf).map((step) => judgeStep(step, folder, work)) }
}

function judgeStep(step: AgentStep, folder: string, work: readonly string[]): SaidDidStep {
  const unsearched = judgePrograms(step)
  judgeReaders(step, work)
  const processes = step.programs.map(processRow)
  const files = judgeFiles(step, folder, work)
  const requests = judgeRequests(step)
  const calls = callRows(step.list, { programs: step.programs, processes, files, requests })
  const totals = perClass()
  for (const { by } of processes) totals[by.class].processes++
  for (const { by, accesses } of files) totals[by.class].files += accesses.length
  for (const { by } of requests) totals[by.class].requests++
  const unlisted = step.files.reduce((sum, { event }) => sum + event.body.omitted, 0)
  const { step: index, agent } = step
  return { step: index, agent, calls, processes, files, requests, totals, unlisted, unsearched, omitted: perClass() }
}

function processRow({ seq, body, judgement }: Program): ProcessRow {
  const { pid, parent, origin, argv, argvOmitted, executable } = body
  return { seq, pid, parent, origin, argv, argvOmitted, executable, by: attributionOf(judgement ?? UNANNOUNCED) }
}

function perClass(): Record<Class, Tally> {
  return Object.fromEntries(CLASSES.map((name) => [name, tally()])) as Record<Class, Tally>
}

const MAX_ACCESSES = 200

/** Keeps at most `limit` rows of each class in each list and MAX_ACCESSES per row; counts the omitted ones. */
export function shortened({ steps }: SaidDid, limit: number): SaidDid {
  return { steps: steps.map((step) => shortenedStep(step, limit)) }
}

function shortenedStep(step: SaidDidStep, limit: number): SaidDidStep {
  const omitted = perClass()
  function cut<T extends { by: Attribution }>(rows: readonly T[], what: keyof Tally): T[] {
    const kept = new Map<Class, number>()
    return rows.filter(({ by }) => {
      const count = (kept.get(by.class) ?? 0) + 1
      kept.set(by.class, count)
      if (count > limit) omitted[by.class][what]++
      return count <= limit
    })
  }
  const files = cut(step.files, 'files').map((row) =>
    row.accesses.length <= MAX_ACCESSES
      ? row
      : { ...row, accesses: row.accesses.slice(0, MAX_ACCESSES), omitted: row.accesses.length - MAX_ACCESSES },
  )
  return {
    ...step,
    processes: cut(step.processes, 'processes'),
    files,
    requests: cut(step.requests, 'requests'),
    omitted,
  }
}
