// The said-against-did comparison over a real record, which is read page by page.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fakeRegistry } from '../../src/agents/fake.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { AGENT, story } from '../../src/domain/said-did/story.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import type { ServiceParts } from '../../src/services/parts.ts'
import { createServices } from '../../src/services/create-services.ts'
import { clientOf } from './client-of.ts'
import { aRun, freshFolder, MACHINE, open, insertRun } from '../store/sample-records.ts'

test('compares a record of several pages as a whole, only for callers who may read the run', async () => {
  await using folder = await freshFolder()
  await using store = await open(folder.path)
  const run = aRun()
  await insertRun(store, run)
  const told = story().begin().session().call('a', 'execute', { command: 'make' }).starts(12, AGENT, 'sh', '-c', 'make')
  for (let at = 0; at < 10_500; at++) told.starts(20 + at, 12, 'cc')
  told.done('a').starts(11, AGENT, 'curl').end()
  const events = told.events.map((event) => ({ ...event, run: run.id }) as NewEvent)
  for (let at = 0; at < events.length; at += 2000) await store.record(events.slice(at, at + 2000))
  const builtInFolder = join(import.meta.dirname, '../../policies')
  const { inForce, schema } = loadPolicies({ builtInFolder, extraFolders: [], enable: [] })
  const policy = createPolicyEngine({ policies: inForce, schema })
  const agents = fakeRegistry([])
  const parts = { store, policy, agents, ids: MACHINE, declaredServices: [] } as Partial<ServiceParts> as ServiceParts
  const read = (actor: string, reference: string) =>
    clientOf(createServices(parts), {
      id: actor,
      ...(actor.startsWith('service:') ? { via: 'user:bob' } : {}),
    }).readSaidDid({
      params: { run: reference },
      query: { limit: 5 },
    })
  const { steps } = await read('user:bob', run.id)
  expect(steps[0]).toMatchObject({
    agent: 'claude-code',
    calls: [{ verdict: 'seen', seen: { processes: 10_501, files: 0, requests: 0 } }],
    totals: { unannounced: { processes: 1 }, start: { processes: 1 } },
    omitted: { call: { processes: 10_496 } },
  })
  expect(steps[0]?.processes).toHaveLength(7)
  await expect(read('service:other', run.id)).rejects.toMatchObject({ code: 'refused' })
  await expect(read('user:bob', '99999')).rejects.toMatchObject({ code: 'not-found' })
})
