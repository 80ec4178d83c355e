// The end of an attempt whose change is not as it was when the attempt began: real store and git.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Change, firstAttempt } from '../../src/domain/change.ts'
import { PUSH_BRANCH, START_BRANCH } from '../../src/domain/run.ts'
import { Task } from '../../src/domain/task/task.ts'
import { resolveRef } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import type { Start } from '../../src/runner/job.ts'
import type { Proposal } from '../../src/runner/stages/inspect.ts'
import type { Prepared } from '../../src/runner/stages/prepare.ts'
import { revise } from '../../src/runner/stages/revise.ts'
import { mustGit } from '../git/client-git.ts'
import { commitFile } from '../git/forge-fixture.ts'
import { aChange, aRun } from '../store/sample-records.ts'
import { openRunnerGround, type RunnerGround } from './runner-ground.ts'

const DIGEST = `sha256:${'1'.repeat(64)}` as const

let ground: RunnerGround
let change: Change
let prepared: Prepared
let start: Start
let proposal: Proposal

beforeEach(async () => {
  ground = await openRunnerGround()
  const { fixture, parts, store } = ground
  const { client, git, work, folder } = fixture
  const mirror = join(folder, 'mirror.git')
  await parts.openForge(fixture.forge).git.updateMirror(mirror)
  const base = await resolveRef(git, mirror, 'main')
  const quarantine = join(folder, 'quarantine.git')
  await createQuarantine(git, { path: quarantine, mirror, branch: 'main', commit: base })
  const push = async (content: string, branch: string) => {
    await mustGit(client, ['reset', '--quiet', '--hard', base], { cwd: work })
    const commit = await commitFile(client, work, 'fix.js', content, 'fix')
    await mustGit(client, ['push', '--quiet', quarantine, `${commit}:refs/heads/${branch}`], { cwd: work })
    return commit
  }
  const reviewed = await push('first\n', START_BRANCH)
  const commit = await push('second\n', PUSH_BRANCH)
  const [first, run] = [aRun({ status: 'succeeded' }), aRun({ status: 'running' })]
  const made = aChange(first.id, { base, commit: reviewed })
  const next = { number: 2, run: run.id, requester: run.requester, start: reviewed, review: DIGEST, commit: null }
  change = { ...made, attempts: [firstAttempt(made), { ...next, createdAt: 1 }] }
  await store.transact(async (tx) => {
    for (const one of [first, run]) await tx.runs.insert(one)
    await tx.changes.insert(change)
  })
  const task = Task.parse({ name: 'x', description: 'd', mode: 'write', steps: [{ run: 'true' }] })
  prepared = { run, task, quarantine, commit: base } as Prepared
  start = { commit: reviewed, pack: DIGEST, review: 'better' }
  const counts = { files: 1, insertions: 1, deletions: 0 }
  const found = { protectedPaths: [], findings: [], checks: [] }
  proposal = { commit, pushed: commit, ...counts, diff: DIGEST, pack: DIGEST, ...found, inspection: DIGEST }
})
afterEach(() => ground[Symbol.asyncDispose]())

const revised = () => revise(prepared, start, proposal, ground.parts)
const stored = () => ground.store.changes.get(change.id)
const events = () => ground.store.events.list({ run: prepared.run.id, kinds: ['change.revised'] })

test('moves the change to the new commit, once', async () => {
  const { attempts, ...moved } = await revised()
  expect(moved).toMatchObject({ id: change.id, run: prepared.run.id, commit: proposal.commit, status: 'open' })
  expect(attempts[1]).toMatchObject({ commit: proposal.commit })
  expect(await events()).toHaveLength(1)
  await expect(revised()).rejects.toMatchObject({ status: 'failed', message: expect.stringContaining('has moved') })
  expect(await events()).toHaveLength(1)
})

test('a change that is at another commit by now keeps it', async () => {
  const other = 'c'.repeat(40)
  await ground.store.transact((tx) => tx.changes.update(change.id, { commit: other }))
  await expect(revised()).rejects.toMatchObject({
    status: 'failed',
    message: `change ${change.id} has moved from commit ${start.commit.slice(0, 12)} to cccccccccccc meanwhile, so the commit of this attempt was not taken`,
  })
  expect(await stored()).toMatchObject({ commit: other, run: change.run })
  expect((await stored())?.attempts[1]).toMatchObject({ commit: null })
  expect(await events()).toEqual([])
})

test.each(['merging', 'merged'] as const)('a change that is %s by now keeps its commit', async (state) => {
  await ground.store.transact((tx) => tx.changes.update(change.id, { state }))
  await expect(revised()).rejects.toMatchObject({ status: 'failed', message: expect.stringContaining(`is ${state}`) })
  expect(await stored()).toMatchObject({ commit: start.commit, run: change.run, status: state })
  expect(await events()).toEqual([])
})

test('decisions that were made during the attempt count only for the commit that they name', async () => {
  const made = { actor: { id: 'user:grace' }, decision: 'approved' as const, reason: null, policies: [], time: 1 }
  await ground.store.transact((tx) => tx.decisions.insert({ change: change.id, ...made, commit: start.commit }))
  expect((await stored())?.status).toBe('approved')
  expect(await revised()).toMatchObject({ status: 'open', decisions: [{ commit: start.commit }] })
})
