// Questions to a person at a terminal, one line each.
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { printable } from '../../domain/byte-text.ts'
import type { CliEnvironment } from '../cli-environment.ts'
import { UsageError } from '../cli-error.ts'

export interface Questions extends Disposable {
  /** Asks until `accept` returns a value; it throws UsageError to say what is wrong. An empty answer means `preset`. */
  ask<T>(question: string, preset: string | null, accept: (answer: string) => T): Promise<T>
}

/** null if standard input or standard error is not a terminal, so that nobody could answer. */
export function openQuestions({ stdin, stderr, interrupted }: CliEnvironment): Questions | null {
  const input = stdin()
  if (!(input instanceof Readable) || (input as { isTTY?: boolean }).isTTY !== true || stderr.isTTY !== true)
    return null
  // The terminal stays in its own line mode, so Ctrl-C is the signal that every command knows.
  const reader = createInterface({ input, terminal: false, signal: interrupted })
  const lines = reader[Symbol.asyncIterator]()
  async function answer(question: string, preset: string | null): Promise<string> {
    stderr.write(`${question}${preset === null ? '' : ` [${printable(preset)}]`}: `)
    const { done, value } = await lines.next()
    interrupted.throwIfAborted()
    if (done === true) throw new UsageError('the terminal closed before the last answer; nothing was made')
    const text = value.trim()
    return text === '' ? (preset ?? '') : text
  }
  return {
    async ask(question, preset, accept) {
      for (;;) {
        const given = await answer(question, preset)
        try {
          return accept(given)
        } catch (error) {
          if (!(error instanceof UsageError)) throw error
          stderr.write(`  ${printable(error.message)}\n`)
        }
      }
    },
    [Symbol.dispose]: () => reader.close(),
  }
}
