// Reading of a secret from a file, from standard input, or from a terminal without echo. Never from an argument, which
// every process on the machine can read.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CliEnvironment, InputStream } from '../cli-environment.ts'
import { UsageError } from '../cli-error.ts'
import { readAll } from '../text/write.ts'

const MAX_BYTES = 64 * 1024
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'
const BACKSPACES = ['\u0008', '\u007f']

/** Returns the secret without its final line break; an empty one is an error. The server decides on others. */
export async function readSecret(environment: CliEnvironment, name: string, file: string | null): Promise<string> {
  const value = await readValue(environment, name, file)
  if (value === '') throw new UsageError('the value is empty', 'pass it on standard input, or in a file with --file')
  return value
}

async function readValue(environment: CliEnvironment, name: string, file: string | null): Promise<string> {
  if (file !== null) return withoutLineBreak(await readFile(resolve(environment.cwd, file), file))
  const input = environment.stdin()
  if (input.isTTY !== true || input.setRawMode === undefined)
    return withoutLineBreak(await whole(input, 'standard input'))
  const setRawMode = input.setRawMode.bind(input)
  // In raw mode the terminal does not echo input and does not turn Ctrl-C into a signal. Raw mode starts before the
  // prompt.
  setRawMode(true)
  try {
    environment.stderr.write(`Value of ${name} (it is not shown): `)
    return await typed(input)
  } finally {
    setRawMode(false)
    environment.stderr.write('\n')
  }
}

async function readFile(path: string, name: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOCTTY)
    return await whole(file.createReadStream({ autoClose: false }), name)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new UsageError(`${name} can't be read: ${code === 'ENOENT' ? 'the file does not exist' : code}`)
  }
}

async function whole(input: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const { bytes, whole } = await readAll(input, MAX_BYTES)
  if (!whole) throw new UsageError(`${name} is too long for a secret: over ${MAX_BYTES} bytes`)
  return bytes
}

function withoutLineBreak(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes).replace(/\r?\n$/, '')
}

async function typed(input: InputStream): Promise<string> {
  let line = ''
  const decoder = new TextDecoder('utf-8')
  for await (const chunk of input) {
    for (const char of decoder.decode(chunk, { stream: true })) {
      if (char === '\r' || char === '\n') return line
      if (char === CTRL_D && line !== '') return line
      if (char === CTRL_C || char === CTRL_D) throw new UsageError('the input was cancelled; nothing was stored')
      if (char === CTRL_U) line = ''
      else if (BACKSPACES.includes(char)) line = [...line].slice(0, -1).join('')
      else line += char
      if (line.length > MAX_BYTES) throw new UsageError(`the input is too long for a secret: over ${MAX_BYTES} bytes`)
    }
  }
  throw new UsageError('the terminal closed; nothing was stored')
}
