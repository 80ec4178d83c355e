// Agents that misbehave. None may crash the runner: each gives a recorded `failed` outcome with a message.
import { describe, expect, test } from 'vitest'
import { driveScripted } from './drive-scripted.ts'

const FAULTS: readonly [behaviour: string, says: string, options?: Parameters<typeof driveScripted>[1]][] = [
  ['binary', 'is not UTF-8 text'],
  ['no-json', 'is not JSON: Tests are running'],
  ['half-json', 'is not JSON: {"jsonrpc"'],
  ['no-version', 'is not a JSON-RPC 2.0 message'],
  ['batch', 'is not a JSON object'],
  ['deep', 'nests values more than 200 deep'],
  ['endless-line', 'a line of more than 1048576 bytes', { bounds: { lineBytes: 1 << 20 } }],
  ['answer-unasked', 'a response to a request that was never sent'],
  ['same-id-twice', 'two requests with the id 1 at a time', { permit: () => new Promise(() => undefined) }],
  ['many-requests', 'more than 64 requests at a time', { permit: () => new Promise(() => undefined) }],
  ['many-calls', 'announced more than 100 tool calls', { bounds: { calls: 100 } }],
  ['many-calls', 'has more than 50 tool calls open', { bounds: { openCalls: 50 } }],
  ['many-messages', 'more than 1000 messages', { bounds: { messages: 1000 } }],
  ['many-facts', 'exceeded the limit of 100 recorded entries per step', { bounds: { facts: 100 } }],
  ['long', 'exceeded the limit of 1000 stored bytes per step', { bounds: { keptBytes: 1000 } }],
  ['call-without-id', 'toolCallId is wrong'],
  ['closes-output', 'closed its standard output before its turn was over. It is still running', { graceMs: 50 }],
  ['exits', 'closed its standard output before its turn was over. It exited with status 3'],
  ['exits-at-once', 'It exited with status 7. Its standard error is in the output of the step.'],
  ['bad-stop', 'stopReason is wrong'],
  ['reports-error', 'answered with an error: Internal error (model said 401)'],
  ['silent', 'did not answer the initialize request within 0.05 seconds', { startMs: 50 }],
  ['half-silent', 'did not answer the request for a session within', { startMs: 2000 }],
  ['future-version', 'speaks version 7 of the Agent Client Protocol, Glovebox speaks 1'],
  ['no-session', 'sessionId is wrong'],
]

describe('records a misbehaving agent as failed, with the reason:', () => {
  test.each(FAULTS)('%s - %s', async (behaviour, says, options) => {
    const driven = await driveScripted(behaviour, { graceMs: 100, ...options })
    expect(driven.outcome).toBe('failed')
    expect(driven.message).toContain('scripted')
    expect(driven.message).toContain(says)
    expect(driven.message?.length).toBeLessThan(1000)
    expect(driven.facts.at(-1)).toMatchObject({
      kind: 'agent.ended',
      body: { outcome: 'failed', message: driven.message },
    })
  })

  test('ends the turn with the first answer of an agent that answers a prompt twice', async () => {
    expect(await driveScripted('answer-twice', { graceMs: 100 })).toMatchObject({ outcome: 'end_turn' })
  })

  test('an agent without its program fails with a command to install it', async () => {
    const driven = await driveScripted('is-not-there')
    expect(driven.message).toContain('could not be started. Install it: npm install scripted-agent')
    expect(driven.kinds).toEqual(['agent.ended'])
  })
})

describe('cancel', () => {
  test('an agent that stops when told ends its call and is cancelled', async () => {
    const stop = new AbortController()
    const driven = await driveScripted('stops-when-told', {
      signal: stop.signal,
      recording: ({ kind }) => void (kind === 'agent.tool-called' && stop.abort()),
    })
    expect(driven.outcome).toBe('cancelled')
    expect(driven.bodies('agent.tool-updated').map(({ status }) => status)).toEqual(['in_progress', 'failed'])
    expect(driven.facts.at(-1)).toMatchObject({ kind: 'agent.ended', body: { outcome: 'cancelled', message: null } })
  })

  test('an agent that ignores the cancel is cancelled all the same', async () => {
    const stop = new AbortController()
    const driven = await driveScripted('hears-no-cancel', {
      signal: stop.signal,
      graceMs: 50,
      recording: ({ kind }) => void (kind === 'agent.started' && stop.abort()),
    })
    expect(driven.outcome).toBe('cancelled')
  })

  test('an agent that never started is cancelled', async () => {
    expect(await driveScripted('silent', { signal: AbortSignal.abort(), graceMs: 50 })).toMatchObject({
      outcome: 'cancelled',
    })
  })

  test('an open permission request is answered with `cancelled`', async () => {
    const stop = new AbortController()
    const driven = await driveScripted('asks-when-told', {
      signal: stop.signal,
      graceMs: 500,
      permit: () => {
        stop.abort()
        return new Promise(() => undefined)
      },
    })
    expect(driven.outcome).toBe('cancelled')
    const said = driven.bodies('agent.messaged').map(({ text }) => String(text))
    expect(said.join('')).toContain('answered {"outcome":"cancelled"}')
  })
})
