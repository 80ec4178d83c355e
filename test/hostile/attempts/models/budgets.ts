// Attempts to exceed the budget: many calls at once, answers closed before they are counted, false bounds.
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { ANTHROPIC, ANTHROPIC_STREAM, GEMINI } from '../../../gateway/model-answers.ts'
import type { Attempt, AttemptOutcome } from '../../attempt.ts'
import { modelScript, told } from '../../inside-python.ts'
import { onModels } from './ground.ts'
import { json, type Answer, type Sent } from './provider.ts'

const wall = 'the largest possible use of a call is reserved before it is sent'
/** Bound of each answer; question and answer together use less than CALL. */
const OUTPUT = 900
const CALL = 1000
const FIT = 4

/** Every answer uses its whole bound. */
const DEAR = { ...ANTHROPIC, usage: { input_tokens: CALL - OUTPUT, output_tokens: OUTPUT } }

/** The provider answers only when as many calls as fit are under way. */
const TOGETHER: Answer = async (res, _sent, { sent }) => {
  while (sent.length < FIT && !res.closed) await setTimeout(5)
  json(res, DEAR)
}

/** The answer begins, then stays silent until the client leaves. */
const SILENT_AFTER_BEGIN: Answer = async (res) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write(ANTHROPIC_STREAM[0])
  await new Promise((done) => res.once('close', done))
}

/** Never answers a call; its list of models gives the number of calls. */
const SILENT: Answer = async (res, { method }, { sent }) => {
  const calls = sent.filter((one) => one.method === 'POST').length
  if (method === 'GET') return json(res, { data: [{ id: `asked-${calls}` }] })
  await new Promise((done) => res.once('close', done))
}

/** Calls until one is refused. Closes each call on arrival, and each stream once it has begun. */
const LEAVING = String.raw`
import select
def leave(number):
    sock = dial()
    send(sock, request(body={**BODY, 'max_tokens': ${OUTPUT}, 'stream': STREAM}))
    while not STREAM and not select.select([sock], [], [], 0.05)[0]:
        if f'asked-{number}"'.encode() in ask('/v1/models', b'', 'GET'):
            break
    else:
        data = b''
        while b'message_start' not in data and (part := sock.recv(65536)):
            data += part
        return data
    sock.close()
    return b''
for number in range(1, 61):
    answer = leave(number)
    tell(str(number), answer)
    if b' 402 ' in answer:
        break`

export const BUDGETS: readonly Attempt[] = [
  onModels({
    id: 'models-budget-at-once',
    tries: 'exceed a budget for four calls with fifty calls at once',
    wall,
    invariant: 6,
    budget: { tokens: FIT * CALL },
    answer: TOGETHER,
    script: modelScript(String.raw`
all_at_once([(str(at), lambda: ask(body={**BODY, 'max_tokens': ${OUTPUT}})) for at in range(50)])
attempt('afterwards', lambda: ask(body={**BODY, 'max_tokens': ${OUTPUT}}))`),
    verify(outcome, { provider }) {
      const statuses = told(outcome).map(({ statuses: [status] }) => status)
      expect(statuses.toSorted()).toEqual([...Array(FIT).fill(200), ...Array(51 - FIT).fill(402)])
      expect(provider.sent).toHaveLength(FIT)
      expectWithin(outcome, FIT * CALL)
    },
  }),
  onModels({
    id: 'models-budget-left-streams',
    tries: 'close each stream before its usage arrives, so that its tokens are not counted',
    wall: 'a call that its client closes counts as reserved',
    invariant: 6,
    budget: { tokens: FIT * CALL },
    answer: SILENT_AFTER_BEGIN,
    script: modelScript(`STREAM = True\n${LEAVING}`),
    verify: (outcome, { provider }) => expectStopped(outcome, provider.sent),
  }),
  onModels({
    id: 'models-budget-left-answers',
    tries: 'close each call before the first byte of its answer',
    wall: 'a call that its client closes counts as reserved',
    invariant: 6,
    budget: { tokens: FIT * CALL },
    answer: SILENT,
    script: modelScript(`STREAM = False\n${LEAVING}`),
    verify: (outcome, { provider }) => expectStopped(outcome, provider.sent),
  }),
  onModels({
    id: 'models-budget-bounds',
    tries:
      'give zero, a negative number, a fraction, text, infinity, two values or candidates as the bound of an answer',
    wall,
    invariant: 6,
    provider: 'gemini',
    budget: { tokens: FIT * CALL },
    answer: (res) => json(res, GEMINI),
    script: modelScript(String.raw`
def call(text):
    return {'path': '/v1beta/models/good:generateContent', 'body': f'{{"contents":[],"generationConfig":{{{text}}}}}'}
each({text: call(text) for text in ['', '"maxOutputTokens":0', '"max_output_tokens":0', '"maxOutputTokens":-1', '"maxOutputTokens":0.5', '"maxOutputTokens":"9"', '"maxOutputTokens":1e300', '"maxOutputTokens":null', '"maxOutputTokens":9,"max_output_tokens":9000', '"maxOutputTokens":9,"MaxOutputTokens":9000', '"maxOutputTokens":9,"maxOutputTokens":9000', '"maxOutputTokens":9000', '"maxOutputTokens":90,"candidateCount":100', '"maxOutputTokens":90,"candidate_count":100', '"maxOutputTokens":[9]']})`),
    verify(outcome, { provider }) {
      for (const { label, statuses } of told(outcome)) expect([label, statuses]).toEqual([label, [400]])
      expect(provider.sent).toEqual([])
      const refused = outcome.of('model.called').filter(({ body }) => body.refusal === 'budget')
      expect(refused.length).toBeGreaterThanOrEqual(6)
    },
  }),
]

function expectStopped(outcome: AttemptOutcome, sent: readonly Sent[]): void {
  const calls = sent.filter(({ method }) => method === 'POST').length
  expect(told(outcome).at(-1)?.statuses).toEqual([402])
  expect(calls).toBeGreaterThan(1)
  // Each call could use at most OUTPUT.
  expect(calls * OUTPUT).toBeLessThanOrEqual(FIT * CALL)
  expectWithin(outcome, FIT * CALL)
}

function expectWithin(outcome: AttemptOutcome, tokens: number): void {
  const called = outcome.of('model.called').map(({ body }) => body)
  expect(called.reduce((sum, { countedTokens }) => sum + countedTokens, 0)).toBeLessThanOrEqual(tokens)
  const refused = called.filter(({ outcome: end }) => end === 'refused')
  expect(refused.length).toBeGreaterThan(0)
  for (const { refusal, note } of refused)
    expect([refusal, note]).toEqual(['budget', expect.stringContaining('The budget `task`')])
}
