// Malicious or quoting providers: their answers must not bring the key inside or send it elsewhere.
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { ANTHROPIC, ANTHROPIC_STREAM, stream } from '../../../gateway/model-answers.ts'
import type { Attempt } from '../../attempt.ts'
import { modelScript, told } from '../../inside-python.ts'
import { onModels } from './ground.ts'
import { formsOf } from './held.ts'
import { json, type Answer } from './provider.ts'

const wall = 'the gateway removes configured secrets from answers; only known headers cross'

/** A provider whose answers to successive requests differ, in this order. */
function inTurn(...answers: readonly Answer[]): Answer {
  return (res, sent, provider) => answers[(provider.sent.length - 1) % answers.length]?.(res, sent, provider)
}

const says = (text: string): object => ({ ...ANTHROPIC, content: [{ type: 'text', text }] })
const error = (key: string): object => ({ type: 'error', error: { type: 'x', message: `your key is ${key}` } })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const QUOTING: Readonly<Record<string, Answer>> = {
  'whole, all headers': (res, { headers }) => json(res, says(JSON.stringify(headers))),
  'base64 of all headers': (res, { headers }) => json(res, says(base64(JSON.stringify(headers)))),
  'base64 at every offset': (res, _sent, { key }) =>
    json(res, says(['', 'x', 'xx'].map((x) => base64(x + key)).join())),
  'base64url, hexadecimal': (res, _sent, { key }) =>
    json(res, says(`${Buffer.from(`x${key}`).toString('base64url')} ${Buffer.from(key).toString('hex')}`)),
  'twice without a gap': (res, _sent, { key }) => json(res, says(`${key}${key}`)),
  'error 400': (res, _sent, { key }) => json(res, error(key), 400),
  'error 401': (res, _sent, { key }) => json(res, error(key), 401),
  'error 500': (res, _sent, { key }) => json(res, error(key), 500),
  'text that is no JSON': (res, _sent, { key }) => void res.writeHead(200, { 'content-type': 'text/html' }).end(key),
  'values of headers': (res, _sent, { key }) =>
    json(res, ANTHROPIC, 200, { 'request-id': key, 'x-ratelimit-a': base64(key), 'content-type': `x/${key}` }),
  'names of headers': (res, _sent, { key }) =>
    json(res, ANTHROPIC, 200, { [`x-ratelimit-${key}`]: '1', [`anthropic-ratelimit-${hex(key)}`]: '1' }),
  'cookies and unknown headers': (res, _sent, { key }) =>
    json(res, ANTHROPIC, 200, { 'set-cookie': `k=${key}`, 'x-key': key, 'www-authenticate': key, link: `<${key}>` }),
  'the reason phrase': (res, _sent, { key }) => void res.writeHead(200, `OK ${key}`).end(JSON.stringify(ANTHROPIC)),
  'early hints': (res, _sent, { key }) => {
    res.writeEarlyHints({ link: `</${key}>; rel=preload`, 'request-id': key }, () => json(res, ANTHROPIC))
  },
  'chunk by chunk, and trailers': (res, _sent, { key }) => {
    res.writeHead(200, { 'content-type': 'application/json', trailer: 'request-id' })
    for (const character of JSON.stringify(says(key))) res.write(character)
    res.addTrailers({ 'request-id': key })
    res.end()
  },
  compressed: (res, _sent, { key }) => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    res.end(gzipSync(JSON.stringify(says(key))))
  },
}

function hex(key: string): string {
  return Buffer.from(key).toString('hex')
}

/** The stream of an answer that contains `text`, one character a chunk. */
function bitByBit(text: string): string[] {
  return ANTHROPIC_STREAM.flatMap((chunk) => (chunk.includes('"hel"') ? [...chunk.replace('hel', text)] : [chunk]))
}

const STREAMING: Readonly<Record<string, Answer>> = {
  plain: (res, _sent, { key }) => stream(res, bitByBit(key)),
  'base64 within more': (res, _sent, { key }) => stream(res, bitByBit(base64(`x-api-key: ${key}, `))),
  'comment, event and id': (res, _sent, { key }) =>
    stream(res, [`: ${key}\n\n`, `event: ${key}\nid: ${key}\ndata: {}\n\n`, ...ANTHROPIC_STREAM]),
  'after the end, without a line end': (res, _sent, { key }) =>
    stream(res, [...ANTHROPIC_STREAM, `data: ${key.slice(0, 20)}`, key.slice(20)]),
}

/** Redirects to the provider's own host, which must not be requested again. */
const POINTING: readonly Answer[] = [301, 302, 303, 307, 308, 300, 304].map((status) => (res, { headers }) => {
  const location = `http://${headers.host}/v1/files`
  res.writeHead(status, { location, 'x-api-key': 'x' }).end()
})

export const QUOTED: readonly Attempt[] = [
  onModels({
    id: 'models-quoted-key',
    tries:
      'read the key in what the provider quotes: body, error, header value and name, reason phrase, hint, trailer; plain, base64, compressed',
    wall,
    invariant: 1,
    answer: inTurn(...Object.values(QUOTING)),
    script: modelScript(`each({name: {} for name in ${JSON.stringify(Object.keys(QUOTING))}})`),
    verify(outcome) {
      const expected: Record<string, number> = { 'error 400': 400, 'error 401': 402, 'error 500': 500, compressed: 502 }
      const tries = told(outcome)
      expect(tries.map(({ label, statuses }) => [label, statuses])).toEqual(
        Object.keys(QUOTING).map((label) => [label, [expected[label] ?? 200]]),
      )
      // In a body, the asterisks show where the key was.
      for (const label of ['whole, all headers', 'twice without a gap', 'error 400', 'text that is no JSON'])
        expect([label, tries.find((one) => one.label === label)?.text]).toEqual([
          label,
          expect.stringMatching(/\*{20}/),
        ])
      expect(outcome.of('model.called').filter(({ body }) => body.replaced > 0).length).toBeGreaterThanOrEqual(9)
    },
  }),
  onModels({
    id: 'models-quoted-key-in-stream',
    tries:
      'read the key in a stream that spreads it over chunks of one byte, plain and base64, in fields, after its end',
    wall,
    invariant: 1,
    answer: inTurn(...Object.values(STREAMING)),
    script: modelScript(String.raw`
def whole(answer):
    return answer.partition(b'\r\n\r\n')[0] + b'\r\n\r\n' + body_of(answer)
for name in ${JSON.stringify(Object.keys(STREAMING))}:
    attempt(name, lambda: whole(ask(body={**BODY, 'stream': True})))`),
    verify(outcome, { key }) {
      const tries = told(outcome)
      expect(tries.map(({ statuses }) => statuses)).toEqual(tries.map(() => [200]))
      for (const { label, text } of tries) {
        expect([label, text]).toEqual([label, expect.stringMatching(/message_stop[^]*\*{20}|\*{20}[^]*message_stop/)])
        for (const form of formsOf(key)) expect([label, text.includes(form)]).toEqual([label, false])
      }
      const called = outcome.of('model.called').map(({ body }) => body)
      expect(called.map(({ outcome: end }) => end)).toEqual(tries.map(() => 'answered'))
      for (const { replaced } of called) expect(replaced).toBeGreaterThanOrEqual(1)
    },
  }),
  onModels({
    id: 'models-redirects',
    tries: 'make a provider redirect the call, with its key, to another endpoint, by every kind of redirect',
    wall: 'redirects are not followed',
    invariant: 1,
    answer: inTurn(...POINTING),
    script: modelScript(`
for at in range(${POINTING.length}):
    attempt(str(at), ask)`),
    verify(outcome, { provider }) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, statuses]).toEqual([label, [502]])
        expect(text).not.toMatch(/location:|x-api-key:|\/v1\/files/i)
      }
      expect(provider.sent.map(({ url }) => url)).toEqual(POINTING.map(() => '/v1/messages'))
      for (const { body } of outcome.of('model.called'))
        expect(body).toMatchObject({ outcome: 'failed', note: expect.stringContaining('redirected') as string })
    },
  }),
]
