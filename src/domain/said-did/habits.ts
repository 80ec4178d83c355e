// What an agent is known to do of its own accord, beside its tool calls: it looks where it is and keeps its house. It is
// known word for word; anything else that it starts is unannounced.
import type { EventBody } from '../event.ts'

/** A text, a pattern of the whole word, or a test of it. */
export type HabitWord = string | RegExp | ((word: string) => boolean)

export interface Habits {
  /** Command lines that its own process starts. */
  programs: readonly (readonly HabitWord[])[]
  /** Folders of the repository that its own process looks into. */
  looks: readonly string[]
  /** Addresses that it asks for, and is refused. */
  refused: readonly RegExp[]
}

export const NO_HABITS: Habits = { programs: [], looks: [], refused: [] }

/** Nobody inside can write there: a program of that name is the one that it says it is. */
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

/** What went out is never a habit. */
export function isRefusedHabit(url: string, allowed: boolean, { refused }: Habits): boolean {
  return !allowed && refused.some((pattern) => pattern.exec(url)?.[0] === url)
}

function isWord(said: unknown, word: HabitWord): boolean {
  if (typeof said !== 'string') return false
  if (typeof word === 'string') return said === word
  return word instanceof RegExp ? word.exec(said)?.[0] === said : word(said)
}
