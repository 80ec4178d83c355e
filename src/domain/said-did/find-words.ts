// Finds a command in a script as whole words: `ls` is no part of `false`. Both are an agent's own words, so that no text may
// take longer than its length allows (Knuth, Morris and Pratt, 1977), and all texts of a step together have a bound.

export interface Place {
  start: number
  end: number
}

const MEBI = 1024 ** 2
/** Of steps: a second or so. */
const MOST_WORK = 256 * MEBI
/** What a character costs that is looked at one by one, or replaced, where one that the engine searches costs 1. */
export const SLOW = 8
const HEAD = 32

/** What may still be spent on looking; of one step of an agent. */
export class SearchBudget {
  #left: number
  /** Scripts that were not looked through to the end. */
  refused = 0

  constructor(work = MOST_WORK) {
    this.#left = work
  }

  take(work: number): boolean {
    if (work > this.#left) return false
    this.#left -= work
    return true
  }
}

/** `over`: the budget does not allow to look. */
export function findWords(script: string, command: string, budget: SearchBudget): Place | null | 'over' {
  if (command === '' || command.length > script.length) return null
  if (!budget.take(script.length)) return 'over'
  const from = script.indexOf(command.slice(0, HEAD))
  if (from < 0) return null
  if (!budget.take((script.length + command.length) * SLOW)) return 'over'
  return wholeWords(script, command, from)
}

function wholeWords(script: string, command: string, from: number): Place | null {
  const fallback = fallbacksOf(command)
  for (let at = from, matched = 0; at < script.length; at++) {
    while (matched > 0 && script[at] !== command[matched]) matched = fallback[matched - 1] as number
    if (script[at] === command[matched]) matched++
    if (matched < command.length) continue
    const place = { start: at + 1 - matched, end: at + 1 }
    if (!isWord(script[place.start - 1], command[0]) && !isWord(command.at(-1), script[place.end])) return place
    matched = fallback[matched - 1] as number
  }
  return null
}

/** For each length, that of the longest end which is also a beginning. */
function fallbacksOf(command: string): Uint32Array {
  const fallback = new Uint32Array(command.length)
  for (let at = 1, matched = 0; at < command.length; at++) {
    while (matched > 0 && command[at] !== command[matched]) matched = fallback[matched - 1] as number
    if (command[at] === command[matched]) matched++
    fallback[at] = matched
  }
  return fallback
}

function isWord(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && after !== undefined && /[\w./-]/.test(before) && /[\w./-]/.test(after)
}
