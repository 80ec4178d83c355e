// Questions to the person at the terminal, answered with one key or with a line.
import type { CliEnvironment, InputStream } from '../cli-environment.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'
const BACKSPACES = ['\u0008', '\u007f']
const MAX_LINE = 4000

/**
 * Time, in ms, in which a strict question takes no answer: nobody has read it yet, so the key was typed for something
 * else.
 */
const UNREAD_MS = 400

interface KeyOptions {
  signal?: AbortSignal
  /** Only the letters themselves count, and none that was typed before anyone could read the question. */
  strict?: boolean
}

export interface Keyboard extends Disposable {
  /**
   * The letter of `keys` that the person typed; Enter, Escape and Ctrl-D mean the first one. null after Ctrl-C, or if
   * the signal aborts first. A printable question is written and the answer echoed; an empty one is not.
   */
  key<K extends string>(question: string, keys: readonly [K, ...K[]], more?: KeyOptions): Promise<K | null>
  /** A line without its end; null after Ctrl-C. */
  line(question: string): Promise<string | null>
}

/** null if standard input or standard error is not a terminal, so that nobody can be asked. */
export function openKeyboard(environment: CliEnvironment): Keyboard | null {
  const { stderr } = environment
  if (stderr.isTTY !== true) return null
  const input = environment.stdin()
  if (input.isTTY !== true || input.setRawMode === undefined) return null
  const characters = readCharacters(input)

  /** In raw mode a key arrives at once, is not echoed, and Ctrl-C is a character. */
  async function raw<T>(work: () => Promise<T>): Promise<T> {
    input.setRawMode?.(true)
    try {
      return await work()
    } finally {
      input.setRawMode?.(false)
    }
  }

  async function typedKey<K extends string>(
    keys: readonly [K, ...K[]],
    { signal, strict = false }: KeyOptions,
  ): Promise<K | null> {
    const asked = performance.now()
    for (;;) {
      const char = await characters.next(signal)
      if (char === null || char === CTRL_C) return null
      if (strict && performance.now() - asked < UNREAD_MS) continue
      const key = keys.find((each) => each === char.toLowerCase())
      if (key !== undefined) return key
      if (!strict && ['\r', '\n', '\u001b', CTRL_D].includes(char)) return keys[0]
    }
  }

  async function typedLine(): Promise<string | null> {
    let line = ''
    for (;;) {
      const char = await characters.next()
      if (char === null || char === CTRL_C) return null
      if (['\r', '\n', CTRL_D].includes(char)) return line
      const before = line
      if (char === CTRL_U) line = ''
      else if (BACKSPACES.includes(char)) line = [...line].slice(0, -1).join('')
      else if (/^[^\p{Cc}]$/u.test(char) && line.length < MAX_LINE) line += char
      stderr.write(
        line.startsWith(before) ? line.slice(before.length) : '\b \b'.repeat([...before].length - [...line].length),
      )
    }
  }

  return {
    async key(question, keys, more = {}) {
      const choices = keys.map((key, index) => (index === 0 ? key.toUpperCase() : key)).join('/')
      if (question !== '') stderr.write(`${question} [${choices}] `)
      const key = await raw(() => typedKey(keys, more))
      if (question !== '') stderr.write(`${key ?? ''}\n`)
      return key
    },
    async line(question) {
      stderr.write(`${question} `)
      const line = await raw(typedLine)
      stderr.write('\n')
      return line
    },
    [Symbol.dispose]: () => void input.destroy?.(),
  }
}

/** Reads one character after another. A read that an abort leaves behind is used by the next one. */
function readCharacters(input: InputStream) {
  const decoder = new TextDecoder('utf-8')
  const chunks = input[Symbol.asyncIterator]()
  const held: string[] = []
  let reading: Promise<IteratorResult<Uint8Array>> | null = null
  return {
    /** null at the end of the input, or if the signal aborts first. */
    async next(signal?: AbortSignal): Promise<string | null> {
      while (held.length === 0) {
        reading ??= chunks.next()
        const result = await unlessAborted(reading, signal)
        if (result === null) return null
        reading = null
        if (result.done === true) return null
        held.push(...decoder.decode(result.value, { stream: true }))
      }
      return held.shift() ?? null
    },
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | null> {
  if (signal === undefined) return work
  if (signal.aborted) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const stop = () => resolve(null)
    signal.addEventListener('abort', stop, { once: true })
    work.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject)
  })
}
