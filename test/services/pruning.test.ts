// Removal of the contents of old runs: what goes, what stays, and what a reader is told.
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Run } from '../../src/domain/run.ts'
import { clientOf } from './client-of.ts'
import { openInstance, type TestInstance } from './test-instance.ts'

const ADA = { id: 'user:ada' }
const DAY = 24 * 60 * 60 * 1000
const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = async (stream: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** An instance, its client, and the time before which runs count as old. */
async function open() {
  const instance = await openInstance()
  return { instance, client: clientOf(instance.services, ADA), before: Date.now() - 30 * DAY }
}

/** A run that ended so many days ago, with an output. */
async function oldRun(instance: TestInstance, days: number, output: string): Promise<Run> {
  const ended = Date.now() - days * DAY
  const run = await instance.addRun({ status: 'succeeded', createdAt: ended - 1000, finishedAt: ended })
  await instance.addOutput(run.id, 1, { stdout: bytes(output) })
  await age(instance, days)
  return run
}

/** Sets back the times of all blobs. */
async function age(instance: TestInstance, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY - 1000)
  const folder = join(instance.folder, 'blobs', 'sha256')
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), time, time)
}

test('removes the output of an old run, says so on the record, and keeps every event', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  const old = await oldRun(instance, 40, 'old')
  const young = await oldRun(instance, 3, 'young')
  await age(instance, 40)
  const eventsBefore = await instance.store.events.list({ run: old.id })
  const preview = await client.previewPruning({ query: { before } })
  expect(preview).toMatchObject({ runs: [{ run: old.id, blobs: 1, bytes: 3 }], blobs: 1, bytes: 3 })
  const read = (run: Run) => client.readOutput({ params: { run: run.id, step: 1 } })
  expect(await textOf((await read(old)).bytes)).toBe('old')
  expect(await client.pruneRuns({ body: { before } })).toEqual(preview)
  const date = new Date().toISOString().slice(0, 10)
  await expect(read(old)).rejects.toMatchObject({
    code: 'removed',
    message: `1.stdout was removed by retention on ${date}`,
    cure: expect.stringContaining(`glovebox trace ${old.id}`),
  })
  expect(await textOf((await read(young)).bytes)).toBe('young')
  const events = await instance.store.events.list({ run: old.id })
  expect(events.slice(0, eventsBefore.length)).toEqual(eventsBefore)
  expect(events.slice(eventsBefore.length)).toMatchObject([
    { kind: 'run.pruned', actor: ADA, body: { blobs: 1, bytes: 3, before } },
  ])
  expect((await client.pruneRuns({ body: { before } })).runs).toEqual([])
  expect(await instance.store.events.list({ run: old.id })).toEqual(events)
})

test('keeps what a younger run also names', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  await oldRun(instance, 40, 'same')
  const young = await oldRun(instance, 3, 'same')
  await age(instance, 40)
  expect((await client.pruneRuns({ body: { before } })).runs).toEqual([])
  expect(await textOf((await client.readOutput({ params: { run: young.id, step: 1 } })).bytes)).toBe('same')
})

test('keeps what was stored again lately, because its event may not be recorded yet', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  await oldRun(instance, 40, 'same')
  const { digest } = await instance.store.blobs.put(bytes('same'))
  expect((await client.pruneRuns({ body: { before } })).runs).toEqual([])
  expect(await instance.store.blobs.read(digest)).not.toBeNull()
})

test('keeps request, plan and the texts of task and policies', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  const old = await oldRun(instance, 40, 'old')
  const digests = []
  for (const text of ['request', 'plan', 'task', 'policies'])
    digests.push((await instance.store.blobs.put(bytes(text))).digest)
  const [request = '', plan = '', taskText = '', policySet = ''] = digests
  await instance.emit(old.id, 'run.requested', {
    ...{ task: 't', repository: '/r', ref: null, mode: null, trigger: 'manual', request },
  } as never)
  await instance.emit(old.id, 'run.planned', {
    ...{ plan, commit: 'a'.repeat(40), target: 'main', task: 't', taskSource: 'built-in', taskText, mode: 'write' },
    ...{ sandbox: 'fake', toolchain: {}, notes: [], policyDigest: policySet, policySet },
  } as never)
  // An artifact with the bytes of the plan is named twice.
  await instance.addArtifact(old.id, 'copy', bytes('plan'))
  await age(instance, 40)
  expect(await client.pruneRuns({ body: { before } })).toMatchObject({ blobs: 1 })
  for (const digest of digests) expect(await instance.store.blobs.read(digest)).not.toBeNull()
})

test.each([
  ['open', 'open', []],
  ['approved', 'open', ['approved']],
  ['merging', 'merging', ['approved']],
] as const)('never prunes the run of a change that is %s', async (status, state, made) => {
  const { instance, client, before } = await open()
  await using _ = instance
  const old = await oldRun(instance, 400, 'old')
  const decisions = made.map((decision) => ({
    ...{ decision, actor: ADA, commit: 'c'.repeat(40), reason: null, policies: [], time: 1 },
  }))
  const fields = { run: old.id, commit: 'c'.repeat(40), status: state, decisions } as const
  const change = await instance.addChange(fields as never)
  await age(instance, 400)
  expect((await client.getChange({ params: { change: change.id } })).change.status).toBe(status)
  expect(await client.pruneRuns({ body: { before } })).toMatchObject({ runs: [], openChanges: [change.id] })
  await client.readDiff({ params: { change: change.id } })
})

test('a merged change loses its diff and its quarantine repository, and is still shown', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  const old = await oldRun(instance, 40, 'old')
  const change = await instance.addChange({ run: old.id, status: 'merged', mergeCommit: 'd'.repeat(40) } as never)
  const { id, diff, branch, target, base, commit, title } = change
  await instance.emit(old.id, 'change.proposed', {
    ...{ change: id, branch, target, base, commit, title, files: 1, insertions: 1, deletions: 1, diff, pack: diff },
    ...{ protectedPaths: [], findings: [], inspection: null },
  } as never)
  const quarantine = join(instance.folder, 'quarantine', `${old.id}.git`)
  await writeFile(join(quarantine, 'HEAD'), 'ref: refs/heads/main\n')
  await age(instance, 40)
  await client.pruneRuns({ body: { before } })
  await expect(readdir(quarantine)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(client.readDiff({ params: { change: id } })).rejects.toMatchObject({ code: 'removed' })
  expect(await client.getChange({ params: { change: id } })).toMatchObject({ change: { status: 'merged' } })
  expect(await instance.store.events.list({ run: old.id, kinds: ['run.pruned'] })).toMatchObject([
    { body: { quarantineBytes: 21 } },
  ])
})

test('keeps the newest runs however old they are, running ones, and everything younger than a day', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  const [first, second] = [await oldRun(instance, 50, 'one'), await oldRun(instance, 40, 'two')]
  await instance.addRun({ status: 'running', createdAt: Date.now() - 60 * DAY })
  const runs = async (keep: number) =>
    (await client.previewPruning({ query: { before, keep } })).runs.map(({ run }) => run)
  expect(await runs(0)).toEqual([second.id, first.id])
  expect(await runs(1)).toEqual([first.id])
  await expect(client.pruneRuns({ body: { before: Date.now() - DAY + 60_000 } })).rejects.toMatchObject({
    code: 'bad-input',
    message: 'what is younger than a day is never removed',
  })
})

test('keeps the commits of a rejected change while another attempt at it works, and refuses an attempt without them', async () => {
  const { instance, client, before } = await open()
  await using _ = instance
  const first = await oldRun(instance, 40, 'old')
  const { digest } = await instance.store.blobs.put(bytes('a pack'))
  const body = { change: 'x', branch: 'b', target: 'main', base: 'a'.repeat(40), commit: 'b'.repeat(40), title: 't' }
  const counts = { files: 1, insertions: 1, deletions: 0, protectedPaths: [], protectedPathsOmitted: 0 }
  const found = { findings: [], findingsOmitted: 0, inspection: null }
  await instance.emit(first.id, 'change.proposed', { ...body, ...counts, ...found, diff: digest, pack: digest })
  const change = await instance.addChange({ run: first.id, pack: digest })
  await client.rejectChange({ params: { change: change.id }, body: { reason: 'no' } })
  const second = await instance.addRun({ status: 'running' })
  const attempt = { run: second.id, requester: ADA, start: change.commit, review: digest, commit: null, createdAt: 1 }
  await instance.store.transact((tx) => tx.attempts.insert({ change: change.id, number: 2, ...attempt }))
  await age(instance, 40)
  expect(await client.pruneRuns({ body: { before } })).toMatchObject({ runs: [], openChanges: [change.id] })
  await instance.finish(second.id, 'failed')
  await instance.store.transact((tx) => tx.runs.update(first.id, { plan: digest }))
  expect(await client.pruneRuns({ body: { before } })).toMatchObject({ runs: [{ run: first.id }] })
  const retried = client.retryChange({ params: { change: change.id }, body: { comment: 'again' } })
  await expect(retried).rejects.toMatchObject({ code: 'removed', message: expect.stringContaining('was removed by') })
})
