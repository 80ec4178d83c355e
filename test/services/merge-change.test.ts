// Concurrent decisions and merges of one change, with the real store, policies, git and forge.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { newId } from '../../src/domain/ids.ts'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import type { Run } from '../../src/domain/run.ts'
import { createLocalForge } from '../../src/forges/local.ts'
import type { Forge } from '../../src/forges/types.ts'
import { resolveRef } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import { createServices } from '../../src/services/create-services.ts'
import type { ServiceParts } from '../../src/services/parts.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/types.ts'
import { mustGit } from '../git/client-git.ts'
import type { ForgeFixture } from '../git/forge-fixture.ts'
import { commitFile, createForge } from '../git/forge-fixture.ts'
import { clientOf } from './client-of.ts'

const ids = { now: () => Date.now(), random: (bytes: number) => randomBytes(bytes) }
const ADA = { id: 'user:ada' }
const GRACE = { id: 'user:grace' }

let fixture: ForgeFixture
let store: Store
let parts: ServiceParts
const as = (actor: { id: string }) => clientOf(createServices(parts), actor)
const mergeAs = (actor: { id: string }) => as(actor).mergeChange({ params: { change: change.id } })
const rejectAs = (actor: { id: string }, reason: string | null) =>
  as(actor).rejectChange({ params: { change: change.id }, body: { reason } })
let change: Change
/** Events that interrupt a merge. */
let onMerge: (merge: () => ReturnType<Forge['git']['merge']>) => ReturnType<Forge['git']['merge']>

beforeEach(async () => {
  fixture = await createForge()
  const { git, folder } = fixture
  await mkdir(join(folder, 'data'), { mode: 0o700 })
  store = await openStore(join(folder, 'data'), { ids })
  const { inForce, schema } = loadPolicies({
    builtInFolder: join(import.meta.dirname, '../../policies'),
    extraFolders: [],
    enable: [],
  })
  onMerge = (merge) => merge()
  const forge = createLocalForge(git, fixture.forge)
  parts = {
    store,
    ids,
    git,
    policy: createPolicyEngine({ policies: inForce, schema }),
    ceilings: {},
    declaredServices: [],
    quarantines: join(folder, 'quarantines'),
    mirrors: join(folder, 'mirrors'),
    processName: 'one',
    workerIsGone: () => false,
    openForge: () => ({
      ...forge,
      git: { ...forge.git, merge: (request) => onMerge(() => forge.git.merge(request)) },
    }),
  } as Partial<ServiceParts> as ServiceParts
  change = await approvedChange(forge)
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await fixture[Symbol.asyncDispose]()
})

async function approvedChange(forge: Forge): Promise<Change> {
  const { client, git, work, folder } = fixture
  const mirror = join(folder, 'mirror.git')
  await forge.git.updateMirror(mirror)
  const base = await resolveRef(git, mirror, 'main')
  const run = newId(ids)
  const branch = `glovebox/x/${run}`
  const quarantine = join(parts.quarantines, `${run}.git`)
  await createQuarantine(git, { path: quarantine, mirror, branch: 'main', commit: base })
  const commit = await commitFile(client, work, 'fix.js', 'fixed\n', 'fix')
  await mustGit(client, ['push', '--quiet', quarantine, `${commit}:refs/heads/${PUSH_BRANCH}`], { cwd: work })
  const common = { repository: fixture.forge, requester: ADA, createdAt: 1 }
  const requested: Run = {
    ...common,
    id: run,
    task: 'x',
    taskSource: 'ad-hoc',
    ref: null,
    commit: base,
    mode: 'write',
    inputs: {},
    sandbox: 'fake',
    status: 'succeeded',
    reason: null,
    startedAt: 1,
    finishedAt: 2,
    trigger: 'manual',
    plan: null,
    attempt: 1,
    priority: 0,
    request: null,
    cancelledBy: null,
  }
  const given: Change = {
    ...common,
    id: newId(ids),
    run,
    branch,
    target: 'main',
    base,
    commit,
    title: 'Fix',
    body: '',
    status: 'open',
    files: 1,
    insertions: 1,
    deletions: 0,
    diff: `sha256:${'0'.repeat(64)}`,
    pack: null,
    protectedPaths: [],
    findings: [],
    checks: [],
    decisions: [],
    attempts: [],
    mergeCommit: null,
    publishAs: branch,
    published: false,
  }
  await store.transact(async (tx) => {
    await tx.runs.insert(requested)
    await tx.changes.insert(given)
  })
  await as(GRACE).approveChange({ params: { change: given.id }, body: { reason: null } })
  return given
}

const inForge = (...argv: string[]) => mustGit(fixture.client, ['--git-dir', fixture.forge, ...argv])
const statusNow = async () => (await store.changes.get(change.id))?.status
const merges = async () => (await store.events.list({ run: change.run, kinds: ['change.merged'] })).length

test('a rejection while the forge merges does not mark the merged change as rejected', async () => {
  const started = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  onMerge = async (merge) => {
    started.resolve()
    await goOn.promise
    return merge()
  }
  const merging = mergeAs(GRACE)
  await started.promise
  expect(await statusNow()).toBe('merging')
  const rejecting = rejectAs(GRACE, 'wait').then(
    () => 'rejected',
    (error: Error) => error.message,
  )
  goOn.resolve()
  expect((await merging).change.status).toBe('merged')
  expect(await rejecting).toContain('is merged and can')
  expect(await statusNow()).toBe('merged')
})

test('two simultaneous merges merge once', async () => {
  const results = await Promise.allSettled([mergeAs(GRACE), mergeAs(ADA)])
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected'])
  expect(await merges()).toBe(1)
  expect(await inForge('rev-list', '--merges', '--count', 'main')).toBe('1')
})

/** The state that a crash between the forge's answer and ours leaves behind. */
async function crashDuringMerge(taken: boolean): Promise<void> {
  const lost = new Promise<never>(() => {})
  const reached = Promise.withResolvers<void>()
  onMerge = async (merge) => {
    if (taken) await merge()
    reached.resolve()
    return lost
  }
  void mergeAs(GRACE)
  await reached.promise
  onMerge = (merge) => merge()
  parts = { ...parts, processName: 'another', workerIsGone: (name) => name === 'one' }
}

test('after a crash, a change that the forge merged cannot be rejected and counts as merged by the person who asked', async () => {
  await crashDuringMerge(true)
  expect(await statusNow()).toBe('merging')
  await expect(rejectAs(ADA, null)).rejects.toThrow(/is merged and can/)
  expect(await statusNow()).toBe('merged')
  const [merged] = await store.events.list({ run: change.run, kinds: ['change.merged'] })
  expect(merged?.actor).toEqual(GRACE)
  expect(merged?.body).toMatchObject({ commit: await inForge('rev-parse', 'main') })
})

test('after a crash, a change that the forge did not merge can be rejected and is then not merged', async () => {
  await crashDuringMerge(false)
  expect((await rejectAs(ADA, null)).change.status).toBe('rejected')
  await expect(mergeAs(GRACE)).rejects.toThrow(/is rejected/)
  expect(await merges()).toBe(0)
})

test('after a crash, merging again completes the started merge', async () => {
  await crashDuringMerge(true)
  expect((await mergeAs(ADA)).change.status).toBe('merged')
  expect(await inForge('rev-list', '--merges', '--count', 'main')).toBe('1')
  expect(await merges()).toBe(1)
})

test('a merge that the forge refuses leaves the change approved and names the reason', async () => {
  onMerge = async () => {
    throw new Error('the forge is closed today')
  }
  await expect(mergeAs(GRACE)).rejects.toThrow('closed today')
  expect(await statusNow()).toBe('approved')
  const notes = await store.events.list({ run: change.run, kinds: ['change.merging'] })
  expect(notes.map((event) => (event.kind === 'change.merging' ? event.body.outcome : ''))).toEqual([
    'asked',
    'not taken',
  ])
})

test('refuses to merge a change whose base the target has dropped', async () => {
  await inForge('update-ref', 'refs/heads/main', `${change.base}~1`)
  await expect(mergeAs(GRACE)).rejects.toThrow(/no longer holds .* run the task again/)
  expect(await inForge('rev-parse', 'main')).not.toBe(change.base)
  expect(await statusNow()).toBe('approved')
})
