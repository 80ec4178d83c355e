// Habits: actions that an agent is known to take by itself, outside its tool calls, to inspect its surroundings and
// keep its state. A habit must match word for word; any other program that the agent starts counts as unannounced.
import type { EventBody } from '../event.ts'

/** An exact text, a pattern for the whole word, or a test function. */
export type HabitWord = string | RegExp | ((word: string) => boolean)

export interface Habits {
  /** Command lines that the agent's own process starts. */
  programs: readonly (readonly HabitWord[])[]
  /** Folders of the repository that the agent's own process reads. */
  looks: readonly string[]
  /** URLs that the agent requests and that are refused. */
  refused: readonly RegExp[]
}

export const NO_HABITS: Habits = { programs: [], looks: [], refused: [] }

/** Read-only folders inside a sandbox: nobody inside can replace a program there. */
const READ_ONLY = /^\/(usr|opt\/glovebox)\//

export function isHabit(
  { argv, argvOmitted, executable }: EventBody<'process.started'>,
  { programs }: Habits,
): boolean {
  if (argvOmitted > 0 || typeof executable !== 'string' || !READ_ONLY.test(executable)) return false
  return programs.some(
    (words) => words.length === argv.length && words.every((word, at) => isWord(argv[at] as string, word)),
  )
}

/** A request that was allowed is never a habit. */
export function isRefusedHabit(url: string, allowed: boolean, { refused }: Habits): boolean {
  return !allowed && refused.some((pattern) => pattern.exec(url)?.[0] === url)
}

function isWord(said: unknown, word: HabitWord): boolean {
  if (typeof said !== 'string') return false
  if (typeof word === 'string') return said === word
  return word instanceof RegExp ? word.exec(said)?.[0] === said : word(said)
}
