// The gate names who can approve a change, under the policies in force. What it says is what then happens.
import { expect, test } from 'vitest'
import type { Actor } from '../../src/domain/actor.ts'
import { firstAttempt } from '../../src/domain/change.ts'
import { clientOf } from './client-of.ts'
import { openInstance, type TestInstance } from './test-instance.ts'

const ADA = { id: 'user:ada' }
const NIGHTLY = { id: 'service:nightly', via: 'user:ada' }
const CI = { id: 'service:ci' }
const COMMIT = 'b'.repeat(40)

async function changeOf(instance: TestInstance, ...requesters: [Actor, ...Actor[]]): Promise<string> {
  const made = await Promise.all(
    requesters.map(async (requester, at) => {
      const { id: run } = await instance.addRun({ status: 'succeeded' })
      return { ...firstAttempt({ run, requester, commit: COMMIT, createdAt: at }), number: at + 1 }
    }),
  )
  const fields = { run: made.at(-1)!.run, requester: requesters[0], commit: COMMIT, attempts: made }
  return (await instance.addChange(fields)).id
}

test.each([
  {
    enable: [],
    requester: [ADA],
    says: 'needs the approval of a person other than user:ada, who asked for the run',
    ada: false,
  },
  {
    enable: ['solo'],
    requester: [ADA],
    says: 'needs the approval of a person; user:ada, who asked for the run, may give it, too',
    ada: true,
  },
  {
    enable: ['own-automation'],
    requester: [ADA],
    says: 'needs the approval of a person other than user:ada, who asked for the run',
    ada: false,
  },
  {
    enable: [],
    requester: [NIGHTLY],
    says: 'needs the approval of a person other than user:ada, who started the run as service:nightly',
    ada: false,
  },
  {
    enable: ['solo'],
    requester: [NIGHTLY],
    says: 'needs the approval of a person other than user:ada, who started the run as service:nightly',
    ada: false,
  },
  {
    enable: ['own-automation'],
    requester: [NIGHTLY],
    says: 'needs the approval of a person; user:ada, who started the run as service:nightly, may give it, too',
    ada: true,
  },
  { enable: [], requester: [CI], says: 'needs the approval of a person', ada: true },
  {
    enable: ['solo'],
    requester: [ADA, { id: 'user:bob' }, NIGHTLY],
    says: 'needs the approval of a person other than user:ada, who started a run of it as service:nightly; user:bob, who asked for a run of it, may give it, too',
    ada: false,
  },
  {
    enable: ['solo'],
    requester: [ADA],
    policies: [
      '@id("own") forbid (principal, action == Action::"change.approve", resource) when { context.requesters.contains(context.actor) };',
    ],
    says: 'needs the approval of a person other than user:ada, who asked for the run',
    ada: false,
  },
] as { enable: string[]; requester: [Actor, ...Actor[]]; policies?: string[]; says: string; ada: boolean }[])(
  'policies $enable, requested by $requester: $says',
  async ({ enable, requester, policies = [], says, ada }) => {
    await using instance = await openInstance({ enable, policies })
    const id = await changeOf(instance, ...requester)
    const { getChange, approveChange, mergeChange } = clientOf(instance.services, ADA)
    const { gate } = await getChange({ params: { change: id } })
    expect(gate.find(({ name }) => name === 'approved')).toEqual({ name: 'approved', met: false, detail: says })
    await expect(mergeChange({ params: { change: id } })).rejects.toMatchObject({
      code: 'gate-closed',
      details: [`approved: ${says}`],
    })
    const approving = approveChange({ params: { change: id }, body: { commit: COMMIT } })
    if (ada) expect((await approving).gate.every(({ met }) => met)).toBe(true)
    else await expect(approving).rejects.toMatchObject({ code: 'refused' })
  },
)
