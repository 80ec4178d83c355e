// A merge into the branch that is checked out in a work tree of the user.
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLocalForge } from '../../src/forges/local.ts'
import { moveCheckedOut } from '../../src/git/checked-out.ts'
import { commitFile } from './forge-fixture.ts'
import { mergeOf, openForgeBench, type ForgeBench, type Proposal } from './forge-bench.ts'

let at: ForgeBench
let work: string
beforeEach(async () => {
  at = await openForgeBench()
  work = at.fixture.work
  at.forge = createLocalForge(at.fixture.git, work)
})
afterEach(() => at[Symbol.asyncDispose]())

const status = () => at.inWork('status', '--porcelain', '--ignored')
const merge = (given: Proposal) => at.forge.git.merge(mergeOf(given))

test('updates branch, index and files of a clean work tree, and keeps untracked files', async () => {
  const given = await at.proposal('new/fix.js')
  await writeFile(join(work, 'notes.txt'), 'mine\n')
  const { commit } = await merge(given)
  expect(await at.inWork('rev-parse', 'HEAD')).toBe(commit)
  expect(await at.inWork('symbolic-ref', 'HEAD')).toBe('refs/heads/main')
  expect(await readFile(join(work, 'new/fix.js'), 'utf8')).toBe('fixed\n')
  expect(await status()).toBe('?? notes.txt')
  expect(await at.inWork('fsck', '--connectivity-only')).not.toContain('missing')
})

test('a file with a new time is not a change', async () => {
  const given = await at.proposal()
  const [tracked = ''] = (await at.inWork('ls-files')).split('\n')
  await writeFile(join(work, tracked), await readFile(join(work, tracked)))
  expect((await merge(given)).kind).toBe('merge')
})

describe('changes nothing and names the cure', () => {
  const cases: [string, string, (tracked: string) => Promise<unknown>][] = [
    ['a changed file', 'has 1 changed file', (tracked) => writeFile(join(work, tracked), 'mine\n')],
    ['a removed file', 'has 1 changed file', (tracked) => rm(join(work, tracked))],
    [
      'a staged file',
      'has 1 changed file',
      async () => {
        await writeFile(join(work, 'staged.txt'), 'mine\n')
        await at.inWork('add', 'staged.txt')
      },
    ],
    [
      'an untracked file where the change has one',
      "can't be updated",
      async () => {
        await mkdir(join(work, 'new'))
        await writeFile(join(work, 'new/fix.js'), 'mine\n')
      },
    ],
    [
      'an ignored file where the change has one',
      "can't be updated",
      async () => {
        await mkdir(join(work, 'new'))
        await writeFile(join(work, '.git/info/exclude'), 'new\n')
        await writeFile(join(work, 'new/fix.js'), 'mine\n')
      },
    ],
    [
      'a link where the change has a folder',
      "can't be updated",
      async () => {
        await mkdir(join(work, '../outside'))
        await symlink('../outside', join(work, 'new'))
      },
    ],
    [
      'a file that the index hides',
      'has files that its index hides',
      (tracked) => at.inWork('update-index', '--skip-worktree', tracked),
    ],
    [
      'a file that is assumed unchanged',
      'has files that its index hides',
      (tracked) => at.inWork('update-index', '--assume-unchanged', tracked),
    ],
    [
      'an unfinished merge',
      'has an unfinished operation (MERGE_HEAD)',
      async () => writeFile(join(work, '.git/MERGE_HEAD'), `${await at.inWork('rev-parse', 'HEAD')}\n`),
    ],
  ]
  test.each(cases)('%s', async (_, message, prepare) => {
    const given = await at.proposal('new/fix.js')
    const [tracked = ''] = (await at.inWork('ls-files')).split('\n')
    await prepare(tracked)
    const before = [await status(), await at.inWork('rev-parse', 'main'), await readdir(work, { recursive: true })]
    await expect(merge(given)).rejects.toMatchObject({
      code: 'checked-out',
      message: expect.stringMatching(new RegExp(`${message.replaceAll(/[()]/g, '.')}.*switch --detach`)),
    })
    const after = [await status(), await at.inWork('rev-parse', 'main'), await readdir(work, { recursive: true })]
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
  })
})

test('when a file appears after the dry run, the branch goes back', async () => {
  const given = await at.proposal('new/fix.js')
  const from = await at.inWork('rev-parse', 'main')
  await at.inWork('fetch', '--quiet', given.quarantine, given.commit)
  const move = { branch: 'main', from, to: given.commit, objects: given.quarantine }
  const moved = moveCheckedOut(at.fixture.git, work, move, async () => {
    await at.inWork('update-ref', 'refs/heads/main', given.commit)
    await mkdir(join(work, 'new'))
    await writeFile(join(work, 'new/fix.js'), 'mine\n')
  })
  await expect(moved).rejects.toMatchObject({ code: 'not-clean' })
  expect(await at.inWork('rev-parse', 'main')).toBe(from)
  expect(await status()).toBe('?? new/')
  expect(await readFile(join(work, 'new/fix.js'), 'utf8')).toBe('mine\n')
})

test('runs no hook, filter, monitor or included configuration of the repository', async () => {
  const ran = join(at.fixture.folder, 'ran')
  const trap = join(at.fixture.folder, 'trap')
  await writeFile(trap, `#!/bin/sh\necho "$0 $@" >> ${ran}\ncat\n`, { mode: 0o755 })
  const attributes = '* filter=x diff=x merge=x\n'
  await commitFile(at.fixture.client, work, '.gitattributes', attributes, 'attributes')
  await at.inWork('push', '--quiet', 'origin', 'main')
  const given = await at.proposal('new/fix.js')
  const included = join(at.fixture.folder, 'included')
  await writeFile(included, `[core]\n\tfsmonitor = ${trap}\n`)
  for (const [key, value] of [
    ['filter.x.clean', trap],
    ['filter.x.smudge', trap],
    ['filter.x.process', trap],
    ['filter.x.required', 'true'],
    ['diff.x.textconv', trap],
    ['merge.x.driver', trap],
    ['core.fsmonitor', trap],
    ['core.alternateRefsCommand', trap],
    ['core.sshCommand', trap],
    ['include.path', included],
    ['core.worktree', at.fixture.folder],
  ] as const)
    await at.inWork('config', key, value)
  await mkdir(join(work, '.git/hooks'), { recursive: true })
  for (const name of [
    'post-checkout',
    'post-merge',
    'post-index-change',
    'reference-transaction',
    'push-to-checkout',
    'pre-receive',
    'update',
    'post-receive',
    'post-update',
    'fsmonitor-watchman',
  ])
    await writeFile(join(work, '.git/hooks', name), `#!/bin/sh\necho ${name} >> ${ran}\n`, { mode: 0o755 })
  const { commit } = await merge(given)
  expect(await readdir(at.fixture.folder)).not.toContain('ran')
  expect(await readFile(join(work, '.git/refs/heads/main'), 'utf8')).toBe(`${commit}\n`)
  expect(await readFile(join(work, 'new/fix.js'), 'utf8')).toBe('fixed\n')

  // The trap works: a plain git in the same work tree runs it.
  await at.fixture.client(['--work-tree=.', 'checkout', '--quiet', 'HEAD~1'], { cwd: work })
  expect(await readdir(at.fixture.folder)).toContain('ran')
})
