// Finds a command in a script as whole words: `ls` does not match inside `false`. An agent chooses both texts, so the
// search takes linear time (Knuth, Morris and Pratt, 1977), and the total work per step is bounded.

export interface Place {
  start: number
  end: number
}

const MEBI = 1024 ** 2
/** Work units per step, about a second. */
const MOST_WORK = 256 * MEBI
/** Cost of a character that our own loop visits or replaces; a character that the engine's indexOf searches costs 1. */
export const SLOW = 8
const HEAD = 32

/** The remaining search work for one agent step. */
export class SearchBudget {
  #left: number
  /** Number of scripts that were not searched completely. */
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

/** Returns `over` if the budget does not allow the search. */
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

/** For each prefix, the length of its longest proper suffix that is also a prefix (the KMP failure function). */
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
