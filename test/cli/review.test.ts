// `glovebox review`: everything about a change, and the decision in place.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstAttempt } from '../../src/domain/change.ts'
import { CHANGE, CONTROLS, HOSTILE, RUN, sampleChange } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'

const terminals = sampleTerminals()
const BOB = { requester: { id: 'user:bob' } }

test('shows the diff, what was said and done, the gate, and takes an approval with its reason', async () => {
  const { type, instance } = await terminals.openWithChange({ tty: true, input: 'alooks fine\r' }, BOB)
  const { code, stdout, stderr } = await type('review')
  expect(code).toBe(0)
  for (const text of ['+++ b/package-lock.json', `Change ${CHANGE}`, 'Gate:', `from run ${RUN}`])
    expect(stdout).toContain(text)
  expect(stdout.indexOf('+++ b/')).toBeLessThan(stdout.indexOf('Gate:'))
  expect(stderr).toContain('skip, approve, reject or quit? [S/a/r/q] a\n')
  expect(stderr).toContain(`Change ${CHANGE} is approved.`)
  expect((await instance.store.changes.get(CHANGE))?.decisions).toMatchObject([
    { decision: 'approved', actor: { id: 'user:alice' }, reason: 'looks fine', commit: 'b'.repeat(40) },
  ])
})

test('pages the diff and keeps the gate, the checks and the question on the last screen', async () => {
  const paged = join(terminals.folder, 'paged')
  const env = { PATH: '/usr/bin:/bin', GLOVEBOX_PAGER: `dd of=${paged} status=none` }
  const { type } = await terminals.openWithChange({ tty: true, startsPager: true, input: 's', env }, BOB)
  const { code, stdout, stderr } = await type('review')
  expect(code).toBe(0)
  const background = await readFile(paged, 'utf8')
  for (const text of ['+++ b/package-lock.json', 'Two advisories less.']) expect(background).toContain(text)
  for (const text of ['Gate:', 'Checks', `from run ${RUN}`]) {
    expect(stdout).toContain(text)
    expect(background).not.toContain(text)
  }
  expect(stdout).not.toContain('+++ b/')
  expect(stderr).toContain('skip, approve, reject or quit?')
})

test.each([
  ['r\r', 'rejected'],
  ['s', 'open'],
  ['\r', 'open'],
  ['q', 'open'],
  ['\u0003', 'open'],
  ['a\u0003', 'open'],
])('the keys %j leave the change %s', async (input, status) => {
  const { type, instance } = await terminals.openWithChange({ tty: true, input }, BOB)
  expect((await type('review', 'latest')).code).toBe(input.endsWith('\u0003') ? 130 : 0)
  expect((await instance.store.changes.get(CHANGE))?.status).toBe(status)
})

test('offers no approval to the person who asked for the run, and says why', async () => {
  const options = { tty: true, input: 'as' }
  const { type, instance } = await terminals.openWithChange(options, { requester: { id: 'user:alice' } })
  const { stderr } = await type('review')
  expect(stderr).toContain('another person must approve its change')
  expect(stderr).toContain('skip, reject or quit?')
  expect((await instance.store.changes.get(CHANGE))?.status).toBe('open')
})

test('goes through all open changes, oldest first', async () => {
  const { type, instance } = await terminals.openWithChange({ tty: true, input: 'sr\r' }, BOB)
  const later = await instance.addRun({ status: 'succeeded', finishedAt: 3000 })
  const id = '9'.repeat(20)
  const change = { ...sampleChange(BOB), id, run: later.id, createdAt: Date.now() }
  await instance.addChange({ ...change, attempts: [firstAttempt(change)] }, 'diff --git a/x b/x\n')
  const { stdout } = await type('review')
  expect(stdout.indexOf('Change 1 of 2')).toBeLessThan(stdout.indexOf('Change 2 of 2'))
  expect((await instance.store.changes.get(CHANGE))?.status).toBe('open')
  expect((await instance.store.changes.get(id))?.status).toBe('rejected')
})

test('without a terminal it prints everything, decides nothing and names the commands', async () => {
  const { type } = await terminals.openWithChange({}, BOB)
  const { code, stdout, stderr } = await type('review')
  expect(code).toBe(2)
  expect(stdout).toContain('Gate:')
  expect(stderr).toContain('glovebox change approve ID')
})

test('says that nothing waits', async () => {
  expect(await (await terminals.open()).type('review')).toMatchObject({
    code: 0,
    stdout: 'No change waits for a decision.\n',
  })
})

test('hostile text of a change stays text', async () => {
  const { type } = await terminals.openWithChange(
    { tty: true, input: 's', env: { NO_COLOR: '1' } },
    { ...BOB, title: HOSTILE, body: HOSTILE },
  )
  const { stdout, stderr } = await type('review')
  expect(stdout + stderr).not.toMatch(CONTROLS)
})
