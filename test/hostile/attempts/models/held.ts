// Assertions after every attempt on the model gateway.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { AttemptGround, AttemptOutcome } from '../../attempt.ts'
import { told } from '../../inside-python.ts'
import type { ModelGround } from './ground.ts'
import type { Sent } from './provider.ts'

const run = promisify(execFile)

/** The only requests that a provider may get. */
const ENDPOINTS = {
  anthropic: /^(POST \/v1\/messages(\/count_tokens)?|GET \/v1\/models(\/[\w.-]+)?)$/,
  openai: /^(POST \/v1\/(responses|chat\/completions)|GET \/v1\/models(\/[\w.-]+)?)$/,
  'openai-compatible': /^(POST \/v1\/(responses|chat\/completions)|GET \/v1\/models(\/[\w.-]+)?)$/,
  gemini: /^(POST \/v1(beta)?\/models\/good:(\w+)(\?alt=sse)?|GET \/v1(beta)?\/models(\/[\w.-]+)?)$/,
}
const CREDENTIAL_HEADERS = {
  anthropic: 'x-api-key',
  openai: 'authorization',
  'openai-compatible': 'authorization',
  gemini: 'x-goog-api-key',
}
/** Allowed headers besides that of the key. */
const HEADERS =
  /^(host|connection|content-length|content-type|accept|accept-encoding|user-agent|anthropic-version|x-stainless-.+)$/

export async function expectHeld(outcome: AttemptOutcome, models: ModelGround, ground: AttemptGround): Promise<void> {
  expect(models.elsewhere.connections, 'something arrived elsewhere').toBe(0)
  for (const sent of models.provider.sent) expectOnlyTheKey(sent, models)
  expectRecorded(outcome, models)
  await expectNoKey(outcome, models.key, ground)
}

function expectOnlyTheKey({ method, url, headers }: Sent, { kind, key, provider }: ModelGround): void {
  expect(`${method} ${url}`).toMatch(ENDPOINTS[kind])
  const credential = CREDENTIAL_HEADERS[kind]
  const others = Object.keys(headers).filter((name) => name !== credential && !HEADERS.test(name))
  expect(others, 'headers that nobody knows').toEqual([])
  expect(headers[credential]).toBe(credential === 'authorization' ? `Bearer ${key}` : key)
  expect(headers['accept-encoding']).toBe('identity')
  expect(headers.host).toBe(provider.address)
}

/** Asserts that each arrived request was recorded before, byte for byte, and that each recorded request has an end. */
function expectRecorded({ of }: AttemptOutcome, { provider }: ModelGround): void {
  const asked = of('model.asked').map(({ body }) => body)
  expect(asked.map(({ request, sent }) => sent ?? request).toSorted()).toEqual(provider.sent.map(digestOf).toSorted())
  expect(of('credential.used')).toHaveLength(asked.length)
  const called = of('model.called').map(({ body }) => body)
  const passed = called.filter(({ outcome }) => outcome !== 'refused')
  expect(passed.map(({ call }) => call).toSorted()).toEqual(asked.map(({ call }) => call).toSorted())
  for (const { model, wire, decision } of asked) {
    expect(wire === null ? '' : 'good').toBe(model)
    expect(decision).toMatchObject({ allowed: true })
  }
  for (const { outcome, decision, note } of called)
    if (outcome === 'refused') expect([decision.allowed, note]).toEqual([false, expect.stringMatching(/\w/)])
}

function digestOf({ body }: Sent): string | null {
  return body.length === 0 ? null : `sha256:${createHash('sha256').update(body).digest('hex')}`
}

/** Every searched encoding of the key; for base64, the part that does not depend on the bytes around it. */
export function formsOf(key: string): string[] {
  const within = ['', 'x', 'xx'].map((before) => Buffer.from(`${before}${key}`).toString('base64url').slice(4, -4))
  const standard = ['', 'x', 'xx'].map((before) => Buffer.from(`${before}${key}`).toString('base64').slice(4, -4))
  return [key, Buffer.from(key).toString('hex'), ...within, ...standard]
}

/** Asserts that the key is in no output of the sandbox, and in the data folder only in the encrypted store. */
async function expectNoKey({ stdout, stderr, events }: AttemptOutcome, key: string, { data }: AttemptGround) {
  const seen = [stdout, stderr, JSON.stringify(events)].join('\n').toLowerCase()
  for (const form of formsOf(key)) expect(seen.includes(form.toLowerCase()), `the key came out as ${form}`).toBe(false)
  const patterns = formsOf(key).flatMap((form) => ['-e', form])
  const found = await run('grep', ['-rliaF', ...patterns, data]).then(
    ({ stdout: files }) => files,
    (error: { code?: unknown }) => (error.code === 1 ? '' : String(error)),
  )
  expect(found, 'the key is in the data folder').toBe('')
}

/** Asserts that each try got exactly one answer, a refusal, and that no request was forwarded. */
export function expectRefusedAll(
  outcome: AttemptOutcome,
  { provider }: ModelGround,
  statuses: readonly number[] = [400, 403, 404],
): void {
  const tries = told(outcome)
  for (const { label, statuses: got, text } of tries)
    expect([label, got, text]).toEqual([label, [expect.toSatisfy((one: number) => statuses.includes(one))], text])
  expect(provider.sent).toEqual([])
  expect(refusals(outcome)).toBeGreaterThanOrEqual(tries.length)
}

/** Refusals of the model service and of the gateway in front of it. */
export function refusals({ of }: AttemptOutcome): number {
  const ofModels = of('model.called').filter(({ body }) => body.outcome === 'refused')
  const before = of('net.requested').filter(({ body, source }) => source === 'gateway' && !body.decision.allowed)
  return ofModels.length + before.length
}
