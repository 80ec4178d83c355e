// Values that a plan pins in addition to the request. They must be equal for two runs of the same work.
import { afterEach, expect, test } from 'vitest'
import { RunRequest } from '../../src/domain/run-request.ts'
import type { RunPlan } from '../../src/domain/run-plan.ts'
import { makePlan } from '../../src/runner/plan/make-plan.ts'
import { mustGit } from '../git/client-git.ts'
import { createForge } from '../git/forge-fixture.ts'
import type { ForgeFixture } from '../git/forge-fixture.ts'
import { commitText, storeObject } from '../git/odd-objects.ts'
import { openRunnerGround } from './runner-ground.ts'
import type { RunnerGround } from './runner-ground.ts'

let fixture: ForgeFixture
let ground: RunnerGround
afterEach(async () => {
  await ground[Symbol.asyncDispose]()
  await fixture[Symbol.asyncDispose]()
})

/** Time for programs in a run on a commit with this commit time. */
async function planAt(date: string): Promise<RunPlan> {
  fixture = await createForge()
  const { client, work, forge } = fixture
  const tree = await mustGit(client, ['rev-parse', 'main^{tree}'], { cwd: work })
  const committer = `committer Ada <ada@example.com> ${date}`
  const commit = await storeObject(client, { cwd: work }, 'commit', commitText({ tree, committer }))
  await mustGit(client, ['push', '--quiet', '--force', 'origin', `${commit}:refs/heads/main`], { cwd: work })
  ground = await openRunnerGround({ fixture })
  const request = RunRequest.parse({ work: { kind: 'task', name: 'check' }, repository: forge })
  const { parts } = ground
  const plan = async () =>
    makePlan(parts, parts.openForge(forge), { run: await ground.queue(), request, advisories: parts.advisories })
  const first = await plan()
  expect(await plan()).toEqual(first)
  return first
}

test.each([
  ['1700000000 +0200', 1_700_000_000],
  ['0 +0000', 315_532_800],
  ['abc +0000', 315_532_800],
  ['99999999999999999999 +0000', 315_532_800],
  ['5000000000 +0000', 4_102_444_799],
])('a commit of %s gives programs inside the time %i', async (date, time) => {
  expect((await planAt(date)).source.time).toBe(time)
})
