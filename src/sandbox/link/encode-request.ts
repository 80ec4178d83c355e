import type { CommandSpec } from '../types.ts'
import { ByteWriter } from './byte-writer.ts'
import {
  MAX_ARGUMENTS,
  MAX_PATH_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_READ_BYTES,
  MAX_VARIABLES,
  REQUEST,
} from './frame-types.ts'
import { LinkError } from './link-error.ts'

const RECORD = 1
const INPUT = 2

export function encodeFrame(type: number, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new LinkError('invalid', `a request of ${payload.length} bytes is too long for the guest`)
  return new ByteWriter().u32(payload.length).u8(type).raw(payload).finish()
}

export function encodeRun(command: CommandSpec): Uint8Array {
  const variables = Object.entries(command.env).map(([name, value]) => {
    if (name === '' || name.includes('='))
      throw new LinkError('invalid', `an environment variable can't be called ${JSON.stringify(name)}`)
    return `${name}=${value}`
  })
  if (!command.argv[0]) throw new LinkError('invalid', 'a command needs a program to run')
  if (!command.cwd.startsWith('/')) throw new LinkError('invalid', 'the working directory must be an absolute path')
  const writer = new ByteWriter()
    .u32(count(command.step, 0xffff_ffff, 'step index'))
    .u8((command.record ? RECORD : 0) | (command.stdin ? INPUT : 0))
    .u64(count(command.outputLimit, Number.MAX_SAFE_INTEGER, 'output limit'))
    .bytes(stringBytes(command.cwd, MAX_PATH_BYTES))
  writeStrings(writer, command.argv, MAX_ARGUMENTS, 'arguments')
  writeStrings(writer, variables, MAX_VARIABLES, 'variables')
  return encodeFrame(REQUEST.run, writer.finish())
}

export function encodeKill(step: number): Uint8Array {
  return encodeFrame(REQUEST.kill, new ByteWriter().u32(step).finish())
}

/** Encodes a piece of standard input. Empty `bytes` mark the end of the input. */
export function encodeInput(step: number, bytes: Uint8Array): Uint8Array {
  return encodeFrame(REQUEST.input, new ByteWriter().u32(step).bytes(bytes).finish())
}

export function encodeMark(step: number): Uint8Array {
  return encodeFrame(REQUEST.mark, new ByteWriter().u32(step).finish())
}

export function encodeRead(path: string, maxBytes: number): Uint8Array {
  if (!path.startsWith('/')) throw new LinkError('invalid', 'a file is read by its absolute path')
  const max = count(maxBytes, MAX_READ_BYTES, 'file size limit')
  return encodeFrame(REQUEST.read, new ByteWriter().u32(max).bytes(stringBytes(path, MAX_PATH_BYTES)).finish())
}

export function encodeSelfTest(): Uint8Array {
  return encodeFrame(REQUEST.selfTest, new Uint8Array())
}

export function encodeAskCoverage(): Uint8Array {
  return encodeFrame(REQUEST.coverage, new Uint8Array())
}

function writeStrings(writer: ByteWriter, strings: readonly string[], max: number, what: string): void {
  if (strings.length > max) throw new LinkError('invalid', `${strings.length} ${what}, but the guest takes ${max}`)
  writer.u16(strings.length)
  for (const text of strings) writer.bytes(stringBytes(text, MAX_PAYLOAD_BYTES))
}

/** Refuses NUL: the guest passes strings to the kernel, which would cut them off there. */
function stringBytes(text: string, max: number): Uint8Array {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.includes(0)) throw new LinkError('invalid', 'a string for the guest must not contain NUL')
  if (bytes.length > max) throw new LinkError('invalid', `a string of ${bytes.length} bytes is too long for the guest`)
  return bytes
}

function count(value: number, max: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max)
    throw new LinkError('invalid', `${what} must be a whole number from 0 to ${max}`)
  return value
}
