// Parses one line of standard output as a JSON-RPC 2.0 message. The line is attacker-controlled.
import type { AnyMessage } from '@agentclientprotocol/sdk'

export type Parsed = { message: AnyMessage; kind: 'request' | 'notification' | 'response' } | { wrong: string }

const STRICT = new TextDecoder('utf-8', { fatal: true })

export function parseMessage(line: Uint8Array, depth: number): Parsed {
  if (deeperThan(line, depth)) return { wrong: `nests values more than ${depth} deep` }
  let value: unknown
  try {
    value = JSON.parse(STRICT.decode(line))
  } catch (error) {
    return { wrong: error instanceof TypeError ? 'is not UTF-8 text' : 'is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { wrong: 'is not a JSON object' }
  const fields = value as Record<string, unknown>
  if (fields['jsonrpc'] !== '2.0') return { wrong: 'is not a JSON-RPC 2.0 message' }
  const { id, method } = fields
  if (id !== undefined && id !== null && typeof id !== 'string' && !Number.isSafeInteger(id))
    return { wrong: 'has an id that is neither a string nor a whole number' }
  if (typeof method === 'string') {
    if (id === null) return { wrong: 'is a request whose id is null' }
    return { message: value as AnyMessage, kind: id === undefined ? 'notification' : 'request' }
  }
  if (method !== undefined || id === undefined) return { wrong: 'is neither a request, a notification nor a response' }
  if (Object.hasOwn(fields, 'result') === Object.hasOwn(fields, 'error'))
    return { wrong: 'is a response without exactly one of result and error' }
  if (Object.hasOwn(fields, 'error') && !isError(fields['error']))
    return { wrong: 'has an error without code and message' }
  return { message: value as AnyMessage, kind: 'response' }
}

function isError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { code, message } = value as Record<string, unknown>
  return Number.isSafeInteger(code) && typeof message === 'string'
}

/** Checks the bytes before parsing: deeply nested values must not reach a recursive parser or serializer. */
function deeperThan(line: Uint8Array, limit: number): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const byte = line[at]
    if (quoted) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}
