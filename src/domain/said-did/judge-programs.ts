// For each process the call that announced it.
import type { AgentStep } from './agent-steps.ts'
import type { Call } from './calls.ts'
import { isEarly } from './calls.ts'
import { NOBODY } from './candidates.ts'
import type { Judgement } from './judgement.ts'
import { byWindow, inherited, oneOf, START, upkeep } from './judgement.ts'
import type { Habits } from './habits.ts'
import { isHabit } from './habits.ts'
import { firstAfter } from './path-calls.ts'
import { SearchBudget } from './find-words.ts'
import { CommandIndex } from './match-command.ts'
import type { Program } from './programs.ts'
import { Windows } from './windows.ts'

/** Gives each program of the step its judgement. Returns how many scripts were not searched for commands, as they are too long. */
export function judgePrograms({ programs, list, open, habits }: AgentStep): number {
  const windows = new Windows(list.calls, list.boundaries)
  const budget = new SearchBudget()
  const index = new CommandIndex(list.calls, budget)
  const withCommand = list.calls.filter(({ command }) => command !== null)
  for (const program of programs) {
    if (program.seq < open) program.judgement = START
    else {
      program.match = index.match(program.body, program.seq, [
        ...windows.near(program.seq),
        ...announcedNext(withCommand, program.seq),
      ])
      program.found = windows.processes(program.seq)
    }
  }
  for (const program of programs) judgeWithParents(program, list.calls, habits)
  return budget.refused
}

/** From the eldest that has no judgement yet down; a fork is reported after its children, so that order is not enough. */
function judgeWithParents(program: Program, calls: readonly Call[], habits: Habits): void {
  const line = new Set<Program>()
  const { step } = program.body
  for (
    let at: Program | null = program;
    at?.judgement === null && at.body.step === step && !line.has(at);
    at = at.parent
  )
    line.add(at)
  for (const one of [...line].toReversed()) one.judgement = judge(one, calls, habits)
}

function judge(program: Program, calls: readonly Call[], habits: Habits): Judgement {
  const { match, seq, parent } = program
  const found = program.found ?? NOBODY
  // A process of another step is no parent that says anything.
  const above = parent?.body.step === program.body.step ? (parent.judgement ?? START) : START
  if (above.firm) return inherited(above, found, 'parent')
  if (match !== null) {
    const [first, second] = match.calls
    const only = second === undefined && match.omitted === 0 ? calls[first as number] : undefined
    return oneOf(match, match.rule, match.rule, { firm: true, early: only ? isEarly(only, seq, 'run') : false })
  }
  // What a habit starts is one itself, or is judged like anything else.
  if ((above === START || above.class === 'upkeep') && isHabit(program.body, habits)) return upkeep('habit')
  return above.class === 'call' || above.class === 'tie' ? inherited(above, found, 'parent') : byWindow(found)
}

/** An agent does not wait until its announcement has been heard: the next one may come after what it is about. */
function announcedNext(calls: readonly Call[], seq: number): readonly Call[] {
  const following = firstAfter(calls, seq)
  return calls.slice(following, following + 1)
}
