// Matches a started program against the command lines that calls announced.
import type { ByteText } from '../byte-text.ts'
import type { EventBody } from '../event.ts'
import type { Call } from './calls.ts'
import type { Candidates } from './candidates.ts'
import type { Place } from './find-words.ts'
import { findWords, SearchBudget, SLOW } from './find-words.ts'

export interface CommandMatch extends Candidates {
  rule: 'command' | 'script'
  /** The part of the script outside the command. */
  surplus: string | null
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish'])
/** Most calls with the same command that are examined around a moment. */
const MAX_SAME = 16

type Argv = Pick<EventBody<'process.started'>, 'argv' | 'argvOmitted'>

/** Index of calls by command, in the order of their announcement. */
export class CommandIndex {
  readonly #byCommand = new Map<string, Call[]>()
  readonly #plain = new WeakMap<Call, string>()
  readonly #budget: SearchBudget

  constructor(calls: readonly Call[], budget = new SearchBudget()) {
    this.#budget = budget
    for (const call of calls) {
      const text = commandText(call)
      if (text === null) continue
      const same = this.#byCommand.get(text)
      if (same) same.push(call)
      else this.#byCommand.set(text, [call])
    }
  }

  /** `near`: the calls whose window is open or opens next; longer scripts are compared only with these. */
  match(program: Argv, seq: number, near: readonly Call[]): CommandMatch | null {
    const words = wordsOf(program.argv)
    if (words === null) return null
    const script = scriptOf(words)
    for (const text of script === null ? linesOf(words) : [script.trim(), ...linesOf(words)]) {
      const same = this.#byCommand.get(text)
      if (same) return { ...chosen(same, seq, near), rule: 'command', surplus: null }
    }
    return script === null ? null : this.#longerScript(script, program.argvOmitted > 0, near)
  }

  #longerScript(script: string, cut: boolean, near: readonly Call[]): CommandMatch | null {
    let plain: string | null = null
    for (const call of near) {
      const text = commandText(call)
      if (text === null) continue
      // An event holds only the beginning of a long argv; the rest is in a blob.
      if (cut && text.startsWith(script.trim()))
        return { calls: [call.index], omitted: 0, rule: 'command', surplus: null }
      plain ??= this.#budget.take(script.length * SLOW) ? withoutQuotes(script) : null
      const at = plain === null ? 'over' : findWords(plain, this.#plainText(call, text), this.#budget)
      if (at === 'over') {
        this.#budget.refused++
        return null
      }
      if (at !== null) return { calls: [call.index], omitted: 0, rule: 'script', surplus: surplusOf(plain ?? '', at) }
    }
    return null
  }

  /** Cached, since a call is near many programs and its command may be long. */
  #plainText(call: Call, text: string): string {
    const plain = this.#plain.get(call) ?? withoutQuotes(text)
    this.#plain.set(call, plain)
    return plain
  }
}

function surplusOf(plain: string, { start, end }: Place): string | null {
  const surplus = `${plain.slice(0, start).trim()} … ${plain.slice(end).trim()}`.trim()
  return surplus === '…' ? null : surplus.slice(0, 1000)
}

/** The active calls at that moment; else the last call before and the next one after. */
function chosen(same: readonly Call[], seq: number, near: readonly Call[]): Candidates {
  let [low, high] = [0, same.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((same[middle] as Call).open <= seq) low = middle + 1
    else high = middle
  }
  const atWork = same.slice(Math.max(0, low - MAX_SAME), low).filter(({ close }) => close >= seq)
  if (atWork.length > 0) return { calls: atWork.map(({ index }) => index), omitted: 0 }
  const following = same[low]
  if (following && near.includes(following)) return { calls: [following.index], omitted: 0 }
  return { calls: [same[low - 1], following].flatMap((call) => (call ? [call.index] : [])), omitted: 0 }
}

/** Removes quotes, since agents quote a command when they put it into a script of their own. */
function withoutQuotes(text: string): string {
  return text
    .replace(/['"\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The script of a shell's `-c`: its first operand; null if there is none. */
function scriptOf(words: readonly string[]): string | null {
  if (!SHELLS.has(baseName(words[0] ?? ''))) return null
  let isScript = false
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as string
    if (!/^[-+]./.test(word)) return isScript ? word : null
    if (word === '--') return isScript ? (words[at + 1] ?? null) : null
    if (/^-[a-zA-Z]*c[a-zA-Z]*$/.test(word)) isScript = true
    if (/^[-+]o$/.test(word)) at++
  }
  return null
}

/**
 * The argv as command lines: with the program's full path and with its base name. If a script file is executed, the
 * kernel's argv begins with the interpreter (perhaps `env` and an option), so variants without it are added. The text
 * after a shell's `-c` is not a script file.
 */
function linesOf(words: readonly string[]): string[] {
  const hasOption = (words[1] ?? '').startsWith('-')
  const skips = scriptOf(words) !== null ? [0] : hasOption || baseName(words[0] ?? '') === 'env' ? [0, 1, 2] : [0, 1]
  return skips
    .filter((skip) => skip < words.length)
    .flatMap((skip) => {
      const [program = '', ...rest] = words.slice(skip)
      return [[program, ...rest].join(' ').trim(), [baseName(program), ...rest].join(' ').trim()]
    })
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function commandText({ command }: Call): string | null {
  const text = typeof command === 'string' ? command.trim() : ''
  return text === '' ? null : text
}

/** The words of argv; null if one is not valid text, since an agent cannot have announced it. */
function wordsOf(argv: readonly ByteText[]): string[] | null {
  return argv.every((word) => typeof word === 'string') ? [...argv] : null
}
