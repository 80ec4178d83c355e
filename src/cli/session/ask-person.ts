// A question to the person at the terminal, answered with one key.
import type { CliEnvironment } from '../cli-environment.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

/**
 * The letter of `keys` that the person typed; Enter, Ctrl-D and Escape mean the first one. Resolves with null if
 * standard input or standard error is not a terminal, so that nothing is asked. `question` must be printable.
 */
export async function askPerson<K extends string>(
  environment: CliEnvironment,
  question: string,
  keys: readonly [K, ...K[]],
): Promise<K | null> {
  const { stderr, interrupted } = environment
  if (stderr.isTTY !== true) return null
  const input = environment.stdin()
  if (input.isTTY !== true || input.setRawMode === undefined) return null
  const [first] = keys
  const setRawMode = input.setRawMode.bind(input)
  // In raw mode a key arrives at once and is not echoed. What was typed before the question is discarded.
  setRawMode(true)
  stderr.write(`${question} [${keys.map((key, index) => (index === 0 ? key.toUpperCase() : key)).join('/')}] `)
  let answer: K = first
  try {
    answer = await typed(input, keys)
    return answer
  } finally {
    setRawMode(false)
    stderr.write(`${answer}\n`)
    if (interrupted.aborted) stderr.write('\n')
  }
}

async function typed<K extends string>(input: AsyncIterable<Uint8Array>, keys: readonly [K, ...K[]]): Promise<K> {
  const decoder = new TextDecoder('utf-8')
  for await (const chunk of input)
    for (const char of decoder.decode(chunk, { stream: true }).toLowerCase()) {
      const key = keys.find((each) => each === char)
      if (key !== undefined) return key
      if (['\r', '\n', '\u001b', CTRL_C, CTRL_D].includes(char)) return keys[0]
    }
  return keys[0]
}
