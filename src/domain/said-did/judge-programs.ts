// Finds for each process the call that announced it.
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

/**
 * Sets the judgement of each program of the step. Returns the number of scripts that were too long to search for
 * commands.
 */
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

/**
 * Judges a program after its ancestors. The order of the record is not enough, since a fork is reported after its
 * children.
 */
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
  // A parent process of another step has no judgement for this step.
  const above = parent?.body.step === program.body.step ? (parent.judgement ?? START) : START
  if (above.firm) return inherited(above, found, 'parent')
  if (match !== null) {
    const [first, second] = match.calls
    const only = second === undefined && match.omitted === 0 ? calls[first as number] : undefined
    return oneOf(match, match.rule, match.rule, { firm: true, early: only ? isEarly(only, seq, 'run') : false })
  }
  // The child of a habit must be a habit itself; otherwise it is judged like any other program.
  if ((above === START || above.class === 'upkeep') && isHabit(program.body, habits)) return upkeep('habit')
  return above.class === 'call' || above.class === 'tie' ? inherited(above, found, 'parent') : byWindow(found)
}

/** Agents don't wait until their announcement is recorded, so the action may come before the next announcement. */
function announcedNext(calls: readonly Call[], seq: number): readonly Call[] {
  const following = firstAfter(calls, seq)
  return calls.slice(following, following + 1)
}
