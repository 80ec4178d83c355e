// Credentials in the proposal of a run: anywhere in it they close the gate, and no text shows them.
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { inspectRange } from '../../src/git/inspect.ts'
import { scanCommits } from '../../src/runner/inspection/secrets/scan-commits.ts'
import { type Inspecting, type InspectOptions, openInspecting } from './inspecting.ts'

const KEY = `AKIA${'ABCDEFGHIJKLMNOP'}`
const TOKEN = `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`

let inspecting: Inspecting
afterEach(() => inspecting[Symbol.asyncDispose]())

/** The check `no secrets`. */
async function check(options: InspectOptions = {}) {
  const proposal = await inspecting.proposal(options)
  const { findings } = await inspecting.kept(proposal)
  const all = JSON.stringify([proposal.findings, proposal.checks, findings])
  for (const secret of [KEY, TOKEN]) expect(all).not.toContain(secret)
  return proposal.checks.find(({ name }) => name === 'no secrets')!
}

test('finds one in a commit message, its people, and a header that no tool shows', async () => {
  inspecting = await openInspecting()
  const commit = await inspecting.commit({}, `notes\n\nleaked: ${KEY}`)
  expect(await check()).toMatchObject({
    passed: false,
    detail: `AWS access key id in commit ${commit.slice(0, 12)}, line 8`,
  })
  await inspecting.git('commit', '--quiet', '--allow-empty', '--amend', '--author', `${TOKEN} <a@b.c>`, '-m', 'x')
  expect((await check()).detail).toMatch(/^GitHub token in commit [0-9a-f]{12}, line 3$/)
  const tree = await inspecting.git('rev-parse', 'HEAD^{tree}')
  const parent = await inspecting.git('rev-parse', 'HEAD^')
  const who = 'Glovebox <run@glovebox.invalid> 1700000000 +0000'
  const odd = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\nx-note ${Buffer.from(TOKEN).toString('base64')}\n\nm\n`
  await inspecting.hash('commit', odd).then((id) => inspecting.git('reset', '--quiet', '--hard', id))
  expect((await check()).detail).toMatch(/^GitHub token in commit [0-9a-f]{12} \(base64\)$/)
})

test('finds one in the name of a file or a folder, without showing it', async () => {
  inspecting = await openInspecting()
  await inspecting.commit({ [`logs/dump-${KEY}.txt`]: `${TOKEN}\n`, [`${TOKEN}/x`]: 'x' })
  const { detail } = await check()
  expect(detail).toContain('AWS access key id in the name of a file of 34 bytes in logs')
  expect(detail).toContain('GitHub token in the name of a file of 42 bytes in a folder')
  expect(detail).toContain('GitHub token in a file whose name shows a credential:1')
})

test('finds one in a renamed file, a link, binary data, UTF-16, base64 and archives', async () => {
  inspecting = await openInspecting({ 'notes.txt': `one\n${TOKEN}\n` })
  await inspecting.git('mv', 'notes.txt', 'public.txt')
  await symlink(`/${TOKEN}`, join(inspecting.ground.fixture.work, 'link'))
  await inspecting.commit({
    'a.bin': Buffer.concat([Buffer.from([0, 255, 0]), Buffer.from(KEY)]),
    'b.txt': Buffer.from(`token=${TOKEN}\n`, 'utf16le'),
    'c.txt': Buffer.from(KEY).toString('base64'),
  })
  const { detail } = await check()
  expect(detail.split('; ').toSorted()).toEqual([
    'AWS access key id in a.bin:1',
    'AWS access key id in c.txt (base64)',
    'GitHub token in b.txt (UTF-16)',
    'GitHub token in link:1',
    'GitHub token in public.txt:2',
  ])
})

test('finds one that a later commit removes, or that a merge adds', async () => {
  inspecting = await openInspecting()
  await inspecting.commit({ 'deploy.env': KEY })
  await inspecting.commit({ 'deploy.env': null })
  await inspecting.git('switch', '--quiet', '--orphan', 'other')
  await inspecting.commit({ 'payload.txt': TOKEN })
  await inspecting.git('switch', '--quiet', 'main')
  await inspecting.git('merge', '--quiet', '--allow-unrelated-histories', '-s', 'ours', '-m', 'merge', 'other')
  expect((await check()).detail.split('; ').toSorted()).toEqual([
    'AWS access key id in deploy.env:1',
    'GitHub token in payload.txt:1',
  ])
})

test('ignores one that the file held before, but finds another one in the same file', async () => {
  inspecting = await openInspecting({ 'a.env': `${KEY}\n`, 'b.env': `${KEY}\n` })
  await inspecting.commit({ 'a.env': `# comment\n${KEY}\nmore\n`, 'b.env': null })
  expect(await check()).toMatchObject({ passed: true, detail: 'none found' })
  await inspecting.commit({ 'a.env': `${KEY}\n${TOKEN}\n` })
  expect(await check()).toMatchObject({ passed: false, detail: 'GitHub token in a.env:2' })
})

test('finds a secret that Glovebox holds, also encoded, and ignores a short one', async () => {
  inspecting = await openInspecting()
  const held = 'fixed-passphrase-of-the-shop'
  await inspecting.commit({ 'a.txt': `x${held}y`, 'b.txt': Buffer.from(held).toString('hex'), 'c.txt': 'none' })
  const secrets = { known: async () => [held, 'none'].map((text) => ({ reveal: () => text })) }
  const { detail } = await check({ parts: { secrets } as never })
  expect(detail).toBe('a secret that this Glovebox holds in a.txt:1; a secret that this Glovebox holds in b.txt (hex)')
})

test('reports content over the limits as not examined, and counts findings that it does not show', async () => {
  inspecting = await openInspecting()
  await inspecting.commit({
    'big.bin': 'x'.repeat(5000),
    'small.txt': KEY,
    'a.xz': Buffer.from('\xfd7zXZ\0 and so on', 'latin1'),
  })
  await inspecting.proposal()
  const { git, quarantines } = inspecting.ground.parts
  const repository = join(quarantines, 'run.git')
  const commit = await inspecting.git('rev-parse', 'HEAD')
  const base = await inspecting.git('rev-parse', 'HEAD^')
  const facts = await inspectRange(git, { repository, base, commit, maxDiffBytes: 1e6 })
  const limits = { objectBytes: 1000, totalBytes: 10_000, workBytes: 1e6 }
  expect(await scanCommits(git, { repository, facts, held: [], limits })).toEqual({
    secrets: ['AWS access key id in small.txt:1'],
    notExamined: ['big.bin (5000 bytes)'],
    closed: ['a.xz (xz)'],
  })
  await inspecting.commit(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at + 10}.txt`, KEY])))
  expect((await check()).detail).toMatch(/^AWS access key id in .*; and 21 more$/)
})
