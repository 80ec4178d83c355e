// Each endpoint checks the permission in its row before it does anything (invariant 6).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName } from '../../src/contract/table.ts'
import { ownerCaller } from '../../src/domain/caller.ts'
import { anId } from '../store/sample-records.ts'
import { openInstance, type TestInstance } from './test-instance.ts'

const ADA = { id: 'user:ada' }
const BODIES: Partial<Record<EndpointName, object>> = {
  startRun: {
    work: { kind: 'command', argv: ['true'], reach: [] },
    repository: '/repos/storefront',
    ref: null,
    mode: null,
    sandbox: null,
    advisories: null,
    agent: { name: null, connection: null, model: null },
    trigger: 'manual',
    idempotencyKey: null,
  },
  rerunRun: { sameCommit: false, idempotencyKey: null },
  pruneRuns: { before: 0, keep: 0 },
  retryChange: { comment: 'better' },
  allowAsk: { reason: null },
  denyAsk: { reason: null },
  approveChange: { reason: null },
  rejectChange: { reason: null },
  checkTask: { name: 'a.yaml', text: '' },
  checkPolicy: { name: 'a.cedar', text: '' },
  setCredential: { value: 'secret' },
  setConnection: { kind: 'model', provider: 'openai', url: 'https://models.example', models: ['m'] },
}

/** Endpoints that ask for another permission first. */
const FIRST: Partial<Record<EndpointName, string>> = { retryChange: 'change.read' }

let instance: TestInstance
let params: Record<string, string | number>
beforeAll(async () => {
  instance = await openInstance({ policies: ['@id("nothing") forbid (principal, action, resource);'] })
  const run = await instance.addRun()
  const change = await instance.addChange({ run: run.id })
  const ask = await instance.addAsk({ id: anId(), run: run.id })
  params = {
    run: run.id,
    change: change.id,
    ask: ask.id,
    step: 0,
    name: 'report.md',
    task: 'fix-vulnerabilities',
    credential: 'key',
    connection: 'claude',
  }
})
afterAll(() => instance[Symbol.asyncDispose]())

test.each(ENDPOINT_NAMES)(
  '%s is denied by a policy that forbids its permission, and the denial is recorded',
  async (name) => {
    const row = ENDPOINTS[name]
    const before = await instance.store.log.head()
    const call = {
      endpoint: name,
      caller: ownerCaller(ADA),
      params: Object.fromEntries(Object.keys(row.params.shape).map((key) => [key, params[key]])),
      query: {},
      body: BODIES[name] ?? null,
      signal: new AbortController().signal,
    }
    const service = instance.services[name] as (call: object) => Promise<unknown>
    await expect(service(call)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('nothing') })
    await instance.store.log.settle()
    const entries = await instance.store.log.list({ after: before, limit: 10 })
    expect(entries.map(({ event }) => [event.kind, event.actor.id, event.body])).toEqual([
      [
        'policy.decided',
        'user:ada',
        expect.objectContaining({
          action: FIRST[name] ?? row.permission,
          allowed: false,
          reasons: expect.arrayContaining(['nothing']),
        }),
      ],
    ])
  },
)
