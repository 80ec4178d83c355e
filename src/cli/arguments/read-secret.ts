// A secret on its way in: from a file, from standard input, or typed on a terminal that does not show it. Never from an
// argument, which every process of the machine can read.
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

/** Without the line break at its end. What may be a secret is for the server to say. */
export async function readSecret(environment: CliEnvironment, name: string, file: string | null): Promise<string> {
  if (file !== null) return withoutLineBreak(await readFile(resolve(environment.cwd, file), file))
  const input = environment.stdin()
  if (input.isTTY !== true || input.setRawMode === undefined)
    return withoutLineBreak(await whole(input, 'standard input'))
  const setRawMode = input.setRawMode.bind(input)
  // In raw mode the terminal neither shows what is typed nor turns Ctrl-C into a signal. It is on before anybody is asked.
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
    throw new UsageError(`${name} can not be read: ${code}`)
  }
}

async function whole(input: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const { bytes, whole } = await readAll(input, MAX_BYTES)
  if (!whole) throw new UsageError(`${name} holds more than a secret: over ${MAX_BYTES} bytes`)
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
      if (char === CTRL_C || char === CTRL_D) throw new UsageError('nothing was typed; nothing was stored')
      if (char === CTRL_U) line = ''
      else if (BACKSPACES.includes(char)) line = [...line].slice(0, -1).join('')
      else line += char
      if (line.length > MAX_BYTES) throw new UsageError('that is more than a secret')
    }
  }
  throw new UsageError('the terminal closed; nothing was stored')
}
