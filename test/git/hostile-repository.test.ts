import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mustGit } from './client-git.ts'
import { mergeOf, openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'

let at: ForgeBench
beforeEach(async () => (at = await openForgeBench()))
afterEach(() => at[Symbol.asyncDispose]())

describe('a hostile repository', () => {
  test('runs no program by hooks, its configuration or a promised object', async () => {
    const trap = join(at.fixture.folder, 'trap')
    const ran = join(at.fixture.folder, 'ran')
    const included = join(at.fixture.folder, 'included')
    await writeFile(trap, `#!/bin/sh\necho "$0 $@" >> ${ran}\nexit 0\n`, { mode: 0o755 })
    const traps = [
      ['core.hooksPath', join(at.fixture.forge, 'hooks')],
      ['core.fsmonitor', trap],
      ['core.alternateRefsCommand', trap],
      ['core.sshCommand', trap],
      ['core.gitProxy', trap],
      ['core.pager', trap],
      ['core.editor', trap],
      ['uploadpack.packObjectsHook', trap],
      ['gpg.program', trap],
      ['diff.external', trap],
      ['filter.x.clean', trap],
      ['filter.x.smudge', trap],
      ['merge.x.driver', trap],
      ['credential.helper', `!${trap}`],
      ['gc.auto', '1'],
      ['extensions.partialClone', 'evil'],
      ['remote.evil.promisor', 'true'],
      ['remote.evil.url', `ext::${trap}`],
      ['remote.evil.uploadpack', trap],
      ['protocol.ext.allow', 'always'],
      ['alias.upload-pack', `!${trap}`],
      ['alias.receive-pack', `!${trap}`],
    ]
    const lender = join(at.fixture.folder, 'lender.git')
    await mustGit(at.fixture.client, ['init', '--quiet', '--bare', lender])
    await writeFile(join(at.fixture.forge, 'objects', 'info', 'alternates'), `${lender}/objects\n`)
    for (const name of [
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'proc-receive',
      'reference-transaction',
      'pre-push',
      'push-to-checkout',
      'pre-auto-gc',
    ]) {
      await writeFile(join(at.fixture.forge, 'hooks', name), `#!/bin/sh\necho hook ${name} >> ${ran}\nexit 0\n`, {
        mode: 0o755,
      })
    }
    const given = await at.proposal()
    for (const [key, value] of traps) await at.inForge('config', key as string, value as string)
    await at.forge.git.updateMirror(at.mirror)
    await at.forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    const { commit } = await at.forge.git.merge(mergeOf(given))
    expect(await at.inForge('rev-parse', 'main')).toBe(commit)
    await at.inForge('config', 'receive.procReceiveRefs', 'refs')
    await writeFile(included, `[core]\n\talternateRefsCommand = ${trap}\n\tfsmonitor = ${trap}\n`)
    await at.inForge('config', 'include.path', included)
    await at.forge.git.publish({ ...given, branch: 'glovebox/x/2', actor: { id: 'user:grace' }, time: 0 })
    await at.inForge('config', '--unset', 'receive.procReceiveRefs')
    expect(await readdir(at.fixture.folder)).not.toContain('ran')

    // The trap works: a plain push to the same repository runs the program.
    await at.fixture.client(['push', at.fixture.forge, 'main:refs/heads/careless'], { cwd: at.fixture.work })
    expect(await readdir(at.fixture.folder)).toContain('ran')
  })

  test.each([
    ['core.alternateRefsCommand', '[core]\n\talternateRefsCommand = "TRAP; true"\n'],
    ['a key on the line of a known section', '[core] fsmonitor = TRAP\n'],
    ['a value that continues on the next line', '[core]\n\tbare = true\\\n\tfsmonitor = TRAP\n'],
    ['an include', '[include]\n\tpath = INCLUDED\n'],
    ['a subsection', '[remote "origin"]\n\tuploadpack = TRAP\n'],
    ['a credential helper', '[credential]\n\thelper = !TRAP\n'],
    ['the folder of another repository', 'commondir'],
    ['borrowed objects', 'objects/info/alternates'],
  ])('a mirror in the data folder that Glovebox did not configure is not used: %s', async (_, planted) => {
    await at.forge.git.updateMirror(at.mirror)
    const trap = `touch ${join(at.fixture.folder, 'ran')}`
    const included = join(at.fixture.folder, 'included')
    await writeFile(included, `[core]\n\tfsmonitor = ${trap}\n\talternateRefsCommand = ${trap}\n`)
    if (planted.startsWith('[')) {
      const text = planted.replaceAll('TRAP', trap).replace('INCLUDED', included)
      await appendFile(join(at.mirror, 'config'), text)
    } else await writeFile(join(at.mirror, planted), `${join(at.fixture.forge, 'objects')}\n`)
    await expect(at.forge.git.updateMirror(at.mirror)).rejects.toThrow(/is not as Glovebox made it|borrows objects/)
    expect(await readdir(at.fixture.folder)).not.toContain('ran')
  })

  test('hooks in a mirror or a quarantine do not run', async () => {
    const given = await at.proposal()
    const ran = join(at.fixture.folder, 'ran')
    for (const repository of [at.mirror, given.quarantine]) {
      await mkdir(join(repository, 'hooks'), { recursive: true })
      for (const name of ['reference-transaction', 'pre-push', 'post-index-change']) {
        await writeFile(join(repository, 'hooks', name), `#!/bin/sh\necho ran >> ${ran}\n`, { mode: 0o755 })
      }
    }
    await at.advanceMain('more.txt', 'more\n')
    await at.forge.git.updateMirror(at.mirror)
    await at.forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    expect(await readdir(at.fixture.folder)).not.toContain('ran')
  })
})
