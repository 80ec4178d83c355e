// Review comments handed back for another attempt at the same change: real sandbox, git, store and services.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../src/contract/client.ts'
import type { ChangeDetail } from '../../src/contract/resources.ts'
import { finished, git, makeRepository, openBench } from './glovebox.ts'
import { openWorkshop, textOf, type Ran, type Workshop } from './in-process.ts'

const BASE = { 'plain.md': 'plain\n' }
/** The first attempt leaves a list behind that nobody may see; further ones do what the review says. */
const WORK = `
if [ -z "$GLOVEBOX_REVIEW" ]; then
  echo fixed > fix.txt; echo "customer 4711" > list.txt
  exit 0
fi
cat "$GLOVEBOX_REVIEW"
case $(cat "$GLOVEBOX_REVIEW") in
  *"remove the list"*) git commit -qm "Take over what is staged"; rm list.txt; echo better >> fix.txt ;;
  *"undo"*) git reset -q --hard ;;
  *"merge it"*) git merge -q origin/glovebox-start; rm list.txt ;;
  *"push apart"*) git push -q origin HEAD:refs/heads/glovebox-start ;;
esac
`

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop('policies: { enable: [] }\n')
})
afterAll(() => shop[Symbol.asyncDispose]())

const reviewer = (): Client => shop.as({ id: 'user:grace' })

let repositories = 0

async function proposed(): Promise<Ran & { change: ChangeDetail }> {
  const repository = await makeRepository(shop.folder, `plain-${repositories++}`, BASE, { bare: true })
  const ran = await shop.run(repository, { script: WORK, mode: 'write' })
  if (ran.change === null) throw new Error(`${ran.run.status}: ${ran.run.reason}`)
  return { ...ran, change: ran.change }
}

async function retry({ change }: ChangeDetail, comment: string | null, client = shop.client): Promise<Ran> {
  const { id } = await client.retryChange({ params: { change: change.id }, body: { comment } })
  return shop.follow(id)
}

const detailOf = ({ change }: ChangeDetail) => shop.client.getChange({ params: { change: change.id } })
const diffOf = async ({ change }: ChangeDetail) => textOf(await shop.client.readDiff({ params: { change: change.id } }))

test('an attempt starts with the reviewed files, gets the comments and moves the same change to one commit on the base', async () => {
  const first = await proposed()
  const { change } = first.change
  const params = { change: change.id }
  await reviewer().rejectChange({ params, body: { reason: 'remove the list' } })
  const second = await retry(first.change, 'and "say" $(whoami) `id`', shop.as({ id: 'user:bob' }))
  expect(second.run).toMatchObject({ status: 'succeeded', reason: null })
  expect(await second.output(1)).toBe(
    'user:grace rejected the change:\n> remove the list\n\nuser:bob commented:\n> and "say" $(whoami) `id`\n',
  )
  const detail = await detailOf(first.change)
  expect(detail.change).toMatchObject({
    id: change.id,
    run: second.run.id,
    base: change.base,
    target: 'main',
    branch: change.branch,
    publishAs: change.publishAs,
    status: 'open',
    files: 1,
  })
  expect(detail.change.commit).not.toBe(change.commit)
  expect(await diffOf(first.change)).toContain('+fixed\n+better\n')
  expect(await diffOf(first.change)).not.toContain('4711')
  expect(detail.change.attempts.map(({ number, run, start, commit }) => [number, run, start, commit])).toEqual([
    [1, first.run.id, null, change.commit],
    [2, second.run.id, change.commit, detail.change.commit],
  ])
  expect(detail.attempts[1]?.comments).toContain('> remove the list')
  const [revised] = second.of('change.revised')
  expect(revised).toMatchObject({
    attempt: 2,
    previous: change.commit,
    commit: detail.change.commit,
    base: change.base,
  })
  expect(revised?.pushed).not.toBe(revised?.commit)
  expect(second.of('run.requested')[0]?.attempt).toMatchObject({ change: change.id, number: 2, start: change.commit })
  expect(first.of('change.proposed')[0]?.commit).toBe(change.commit)
  await expect(
    shop.as({ id: 'user:bob' }).approveChange({ params, body: { commit: detail.change.commit } }),
  ).rejects.toMatchObject({ code: 'refused' })
})

test('publishing and merging after an attempt shows nothing of what was rejected', async () => {
  const first = await proposed()
  const params = { change: first.change.change.id }
  await reviewer().approveChange({ params, body: {} })
  await shop.client.publishChange({ params })
  const second = await retry(first.change, 'remove the list')
  expect(second.run).toMatchObject({ status: 'succeeded' })
  const { change } = await detailOf(first.change)
  const inForge = (...argv: string[]) => git(shop.folder, '--git-dir', change.repository, ...argv)
  expect(change).toMatchObject({ status: 'open', published: false, publishAs: `${first.change.change.publishAs}-2` })
  await expect(shop.client.publishChange({ params })).rejects.toMatchObject({ code: 'gate-closed' })
  await reviewer().approveChange({ params, body: { commit: change.commit } })
  await shop.client.publishChange({ params })
  expect((await inForge('rev-parse', change.publishAs)).trim()).toBe(change.commit)
  expect(await inForge('rev-list', '--count', `${change.base}..${change.publishAs}`)).toBe('1\n')
  expect(await inForge('rev-list', '--objects', `${change.base}..${change.publishAs}`)).not.toContain('list.txt')
  expect((await inForge('rev-parse', first.change.change.publishAs)).trim()).toBe(first.change.change.commit)
  const merged = await shop.client.mergeChange({ params })
  expect(merged.change.status).toBe('merged')
  expect(await inForge('rev-list', '--objects', 'main')).not.toContain('list.txt')
  await expect(retry(first.change, 'once more')).rejects.toThrow(/is merged, so there can't be another attempt/)
})

test('commits that build on the branch with the reviewed files lose it as a parent', async () => {
  const first = await proposed()
  expect((await retry(first.change, 'merge it')).run).toMatchObject({ status: 'succeeded' })
  const { change } = await detailOf(first.change)
  const quarantine = join(shop.folder, 'data', 'quarantine', `${change.run}.git`)
  expect((await git(shop.folder, '--git-dir', quarantine, 'rev-list', '--parents', '-1', change.commit)).trim()).toBe(
    `${change.commit} ${change.base}`,
  )
  expect(await diffOf(first.change)).not.toContain('4711')
})

test.each([
  ['leaves every file as it was', 'just say hello', /left all files as they were reviewed/],
  ['takes everything back', 'undo', /took back every change/],
  ['pushes to the branch with the reviewed files', 'push apart', /step `command` exited with/],
])('an attempt that %s fails, and the rejected commit stays rejected', async (_, comment, reason) => {
  const first = await proposed()
  const { change } = first.change
  await reviewer().rejectChange({ params: { change: change.id }, body: { reason: null } })
  const second = await retry(first.change, comment)
  expect(second.run).toMatchObject({ status: 'failed', reason: expect.stringMatching(reason) })
  const detail = await detailOf(first.change)
  expect(detail.change).toMatchObject({ run: change.run, commit: change.commit, status: 'rejected' })
  expect(detail.change.attempts[1]).toMatchObject({ run: second.run.id, commit: null })
  expect(second.change?.change.commit).toBe(change.commit)
})

test('an attempt without any comment is refused', async () => {
  const first = await proposed()
  await expect(retry(first.change, ' \n')).rejects.toThrow(/there is no review comment/)
})

test('a second attempt is refused as long as the first has not ended', async () => {
  const first = await proposed()
  const params = { change: first.change.change.id }
  const started = await shop.client.retryChange({ params, body: { comment: 'remove the list' } })
  await expect(retry(first.change, 'me, too')).rejects.toThrow(
    /attempt 2 at change \S+ has not ended|another attempt at change/,
  )
  expect((await shop.follow(started.id)).run.status).toBe('succeeded')
  expect((await detailOf(first.change)).change.attempts).toHaveLength(2)
})

test('an attempt whose change was merged meanwhile does not move it', async () => {
  const first = await proposed()
  const { change } = first.change
  const params = { change: change.id }
  await reviewer().approveChange({ params, body: {} })
  const started = await shop.client.retryChange({ params, body: { comment: 'remove the list' } })
  const merged = await shop.client.mergeChange({ params })
  expect(merged.change).toMatchObject({ status: 'merged', commit: change.commit })
  const ended = await shop.follow(started.id)
  expect(ended.run).toMatchObject({ status: 'failed', reason: expect.stringMatching(/is merged meanwhile/) })
  expect((await detailOf(first.change)).change).toMatchObject({ commit: change.commit, status: 'merged' })
})

test('a further attempt starts with the files of the one before, and running an attempt again makes a change of its own', async () => {
  const first = await proposed()
  const second = await retry(first.change, 'remove the list')
  const third = await retry(first.change, 'remove the list')
  expect(third.run.status).toBe('failed')
  const fourth = await retry(first.change, 'undo')
  expect(fourth.run.reason).toMatch(/took back every change/)
  expect((await detailOf(first.change)).change).toMatchObject({ run: second.run.id })
  const { id } = await shop.client.rerunRun({ params: { run: second.run.id }, body: {} })
  const again = await shop.follow(id)
  expect(again.change?.change.id).not.toBe(first.change.change.id)
  expect(again.change?.change.attempts).toHaveLength(1)
})

test('the command line rejects, retries with a comment from standard input, and shows both attempts', async () => {
  await using bench = await openBench()
  const repository = await makeRepository(bench.folder, 'plain', BASE)
  const run = await bench.glovebox('run', '--repo', repository, '--mode', 'write', '--json', '--', 'sh', '-ec', WORK)
  const { id, commit } = (JSON.parse(run.stdout) as { change: { id: string; commit: string } }).change
  expect((await bench.glovebox('change', 'retry', id)).stderr).toContain('there is no review comment')
  const rejected = await bench.glovebox('change', 'reject', id, '--reason', 'no tests')
  expect(rejected.code).toBe(0)
  const typing = bench.start('change', 'retry', id, '--comment', '-')
  typing.stdin?.end('remove the list \u001b[31m\n')
  const retried = await finished(typing)
  expect(retried, retried.stderr).toMatchObject({ code: 0 })
  expect(retried.stdout + retried.stderr).toMatch(/the commit is from attempt 2 of 2, run/)
  const shown = (await bench.glovebox('change', 'show', id)).stdout
  expect(shown).toMatch(/Attempts\n {2}1 {2}run \S+ succeeded, requested by \S+ to [0-9a-f]{12}\n {2}2 {2}run/)
  expect(shown).toContain(`from ${commit.slice(0, 12)} to `)
  expect(shown).toContain('> no tests')
  expect(shown).toContain('> remove the list')
  expect(shown).not.toContain('\u001b')
  expect(shown).toMatch(/rejected by \S+ for [0-9a-f]{12}: no tests/)
  const detail = JSON.parse((await bench.glovebox('change', 'show', id, '--json')).stdout) as ChangeDetail
  expect(detail.change).toMatchObject({ status: 'open', files: 1 })
  const trace = await bench.glovebox('trace', detail.change.run)
  expect(trace.stdout).toMatch(/change\.revised.*attempt 2: from/)
})
