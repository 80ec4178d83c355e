// The policy questions before a run starts, and repeated requests with the same idempotency key.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLocalForge } from '../../src/forges/local.ts'
import { Worker } from '../../src/runner/worker.ts'
import { commitFile, createForge } from '../git/forge-fixture.ts'
import { mustGit } from '../git/client-git.ts'
import { openRunnerGround } from '../runner/runner-ground.ts'
import { clientOf } from './client-of.ts'
import { openInstance } from './test-instance.ts'

const ADA = { id: 'user:ada' }
const TASK = 'name: tidy\ndescription: d\nmode: write\nsteps:\n  - run: "true"\n'

test.each(['write', 'taskSource'])('leaving the mode to the task does not bypass a policy about %s', async (what) => {
  await using fixture = await createForge()
  const { folder, git, work, client } = fixture
  await commitFile(client, work, '.glovebox/tasks/tidy.yaml', TASK, 'task')
  await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
  const policies = join(folder, 'policies')
  await mkdir(policies, { mode: 0o700 })
  const condition =
    what === 'write'
      ? 'context has mode && context.mode == "write"'
      : 'context has taskSource && context.taskSource == "repository"'
  await writeFile(
    join(policies, 'ours.cedar'),
    `@id("ours") forbid (principal, action == Action::"run.start", resource) when { ${condition} };\n`,
  )
  await using ground = await openRunnerGround({ fixture, policies: [policies] })
  const parts = { ...ground.parts, openForge: (repository: string) => createLocalForge(git, repository) }
  await using worker = new Worker({ parts, name: 'test', parallel: 1, onFailure: () => {} })
  const { id } = await ground.queue({ work: { kind: 'task', name: 'tidy', inputs: {} } })
  worker.start()
  await expect.poll(async () => (await ground.store.runs.get(id))?.status, { timeout: 20_000 }).toBe('refused')
  expect((await ground.store.runs.get(id))?.reason).toContain('policy ours')
  expect(ground.sandbox.started).toEqual([])
})

const BODY = { work: { kind: 'task' as const, name: 'fix-vulnerabilities' }, repository: '/repos/storefront' }

test('the same request with the same key returns the first run; a different request is a conflict', async () => {
  await using instance = await openInstance()
  const { startRun } = clientOf(instance.services, ADA)
  const keyed = { ...BODY, idempotencyKey: 'monday' }
  const first = await startRun({ body: keyed })
  expect((await startRun({ body: keyed })).id).toBe(first.id)
  await expect(startRun({ body: { ...keyed, ref: 'next' } })).rejects.toMatchObject({ code: 'conflict' })
  const other = await clientOf(instance.services, { id: 'user:bob' }).startRun({ body: keyed })
  expect(other.id).not.toBe(first.id)
  expect((await instance.store.events.list({ run: first.id, kinds: ['run.requested'] })).length).toBe(1)
})

test('records the whole request, however long it is', async () => {
  await using instance = await openInstance()
  const level = 'x'.repeat(60_000)
  const work = { ...BODY.work, inputs: { level } }
  const run = await clientOf(instance.services, ADA).startRun({ body: { ...BODY, work } })
  const [requested] = await instance.store.events.list({ run: run.id, kinds: ['run.requested'] })
  const digest = requested?.kind === 'run.requested' ? requested.body.request : ''
  const bytes = await instance.store.blobs.read(digest as `sha256:${string}`)
  expect(JSON.parse(new TextDecoder().decode(bytes ?? undefined))).toMatchObject({ work: { inputs: { level } } })
})
