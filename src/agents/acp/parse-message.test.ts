// Parsing of an agent's standard output, whatever it contains.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AgentFault } from '../agent-fault.ts'
import { readLines } from '../read-lines.ts'
import { parseMessage } from './parse-message.ts'
import { readUpdate } from './read-update.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function linesOf(chunks: readonly Uint8Array[], limit: number): Promise<(string | null)[]> {
  async function* output(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield chunk
  }
  const lines: (string | null)[] = []
  for await (const line of readLines(output(), limit)) lines.push(line && Buffer.from(line).toString('latin1'))
  return lines
}

test('splits lines independently of chunk boundaries, and reports an overlong line once', async () => {
  const piece = fc.constantFrom('a', 'bb', '\n', '\r\n', 'ccccccc')
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
      const whole = Buffer.from(pieces.join(''))
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      )
      const expected = whole.toString().split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(await linesOf(chunks, 10)).toEqual(expected.map((line) => (line.length > 10 ? null : line)))
    }),
  )
})

test('the parser never throws, and every update is read or is an AgentFault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (line) => {
      expect(Object.keys(parseMessage(line, 10)).length).toBeGreaterThan(0)
    }),
  )
  const kinds = fc.constantFrom('tool_call', 'tool_call_update', 'plan', 'agent_message_chunk', 'x')
  fc.assert(
    fc.property(kinds, fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()), (sessionUpdate, fields) => {
      try {
        readUpdate('x', { update: { ...fields, sessionUpdate } })
      } catch (error) {
        expect(error).toBeInstanceOf(AgentFault)
      }
    }),
  )
})

const FIELDS = ['toolCallId', 'title', 'kind', 'status', 'locations', 'content', 'rawInput', 'rawOutput', 'entries']

test.each([
  ['{"jsonrpc":"2.0","id":1,"method":"x"}', 'request'],
  ['{"jsonrpc":"2.0","method":"x"}', 'notification'],
  ['{"jsonrpc":"2.0","id":1,"result":null}', 'response'],
  ['{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}', 'response'],
])('%s is a %s', (line, kind) => expect(parseMessage(bytes(line), 10)).toMatchObject({ kind }))

test.each([
  ['{"jsonrpc":"2.0","id":null,"method":"x"}', 'a request whose id is null'],
  ['{"jsonrpc":"2.0","id":1.5,"method":"x"}', 'neither a string nor a whole number'],
  ['{"jsonrpc":"2.0","id":{},"method":"x"}', 'neither a string nor a whole number'],
  ['{"jsonrpc":"2.0","id":1,"method":7}', 'neither a request'],
  ['{"jsonrpc":"2.0"}', 'neither a request'],
  ['{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"m"}}', 'exactly one of result and error'],
  ['{"jsonrpc":"2.0","id":1,"error":"no"}', 'without code and message'],
  ['{"jsonrpc":"1.0","id":1,"result":1}', 'not a JSON-RPC 2.0 message'],
  ['null', 'not a JSON object'],
  [`{"a":${'['.repeat(11)}`, 'more than 10 deep'],
  ['{"a":"[[[[[[[[[[[[[[\\"[["', 'is not JSON'],
])('refuses %s: %s', (line, wrong) =>
  expect(parseMessage(bytes(line), 10)).toEqual({ wrong: expect.stringContaining(wrong) }),
)
