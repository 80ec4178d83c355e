// Tasks that come with the request, and repeated runs: what policies see, and what a caller may not do.
import { expect, test } from 'vitest'
import type { Proof } from '../../src/domain/caller.ts'
import { clientOf } from './client-of.ts'
import { openInstance, type TestInstanceOptions } from './test-instance.ts'

const ADA = { id: 'user:ada' }
const REPOSITORY = '/repos/storefront'
const TASK = 'name: fix-vulnerabilities\ndescription: d\nmode: write\nsteps: [{ run: "true" }]\n'
const file = { kind: 'file' as const, file: 'mine.yaml', text: TASK, inputs: {} }
const command = { kind: 'command' as const, argv: ['true'], reach: ['npm'] }

/** An instance that leaves runs in the queue. */
function open(options: TestInstanceOptions = {}) {
  return openInstance({
    ...options,
    parts: { worker: { wake: () => {}, stop: () => false, atWork: [], whenUnrecorded: () => () => {} } },
  })
}

test('a task file with the name of an installed task is another task to policies and on the record', async () => {
  await using instance = await open({
    policies: [
      '@id("only-ours") forbid (principal, action == Action::"run.start", resource) unless { context has task && context.task == "fix-vulnerabilities" };',
    ],
  })
  const { startRun } = clientOf(instance.services, ADA)
  const refused = expect.objectContaining({ code: 'refused', message: expect.stringContaining('only-ours') })
  await expect(startRun({ body: { work: file, repository: REPOSITORY } })).rejects.toEqual(refused)
  const installed = { kind: 'task' as const, name: 'fix-vulnerabilities' }
  expect((await startRun({ body: { work: installed, repository: REPOSITORY } })).task).toBe('fix-vulnerabilities')
})

test('shows the run of a task file by its name, with the mode of the file', async () => {
  await using instance = await open()
  const run = await clientOf(instance.services, ADA).startRun({ body: { work: file, repository: REPOSITORY } })
  expect(run).toMatchObject({ task: 'ad-hoc/fix-vulnerabilities', taskSource: 'ad-hoc', mode: 'write' })
})

test.each([
  ['the source', 'context has taskSource && context.taskSource == "ad-hoc"'],
  ['the reach', 'context has reach && context.reach.contains("npm")'],
])('a policy can forbid ad-hoc work by %s before anything is queued', async (_, condition) => {
  await using instance = await open({
    policies: [`@id("ours") forbid (principal, action == Action::"run.start", resource) when { ${condition} };`],
  })
  const { startRun } = clientOf(instance.services, ADA)
  await expect(startRun({ body: { work: command, repository: REPOSITORY } })).rejects.toMatchObject({ code: 'refused' })
  expect((await instance.store.runs.list({ limit: 1 })).items).toEqual([])
})

test.each([
  ['a caller with a token', 'token' as Proof],
  ['the owner', 'owner' as Proof],
])('%s repeats a run only where its places are open to them', async (_, proof) => {
  await using instance = await open()
  const start = clientOf(instance.services, ADA).startRun
  const named = await start({ body: { work: { kind: 'task', name: 'fix-vulnerabilities' }, repository: 'storefront' } })
  const hidden = await start({ body: { work: command, repository: '/home/ada/secret' } })
  const rerun = (run: string) =>
    instance.services.rerunRun({
      endpoint: 'rerunRun',
      caller: { actor: ADA, roles: [], teams: [], session: null, proof },
      params: { run },
      query: {},
      body: { sameCommit: false, idempotencyKey: null },
      signal: new AbortController().signal,
    } as never)
  expect(await rerun(named.id)).toMatchObject({ repository: REPOSITORY, requester: ADA })
  if (proof === 'owner') expect(await rerun(hidden.id)).toMatchObject({ repository: '/home/ada/secret' })
  else await expect(rerun(hidden.id)).rejects.toMatchObject({ code: 'refused' })
})

test('a run that the caller may not read is not repeated', async () => {
  await using instance = await open({
    policies: ['@id("private") forbid (principal == User::"bob", action == Action::"run.read", resource);'],
  })
  const { id } = await clientOf(instance.services, ADA).startRun({ body: { work: command, repository: REPOSITORY } })
  const { rerunRun } = clientOf(instance.services, { id: 'user:bob' })
  await expect(rerunRun({ params: { run: id }, body: {} })).rejects.toMatchObject({ code: 'refused' })
})

test('a request can not pretend to repeat a run', async () => {
  await using instance = await open()
  const { startRun } = clientOf(instance.services, ADA)
  const body = { work: command, repository: REPOSITORY, repeats: '0123456789abcdefghj0' }
  await expect(startRun({ body })).rejects.toMatchObject({ code: 'bad-input' })
})
