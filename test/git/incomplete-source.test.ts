// Source repositories that are incomplete, or that rewrite their history by grafts and replacements.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { createLocalForge } from '../../src/forges/local.ts'
import { resolveRef } from '../../src/git/mirror.ts'
import { mustGit } from './client-git.ts'
import { openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'

let at: ForgeBench
beforeEach(async () => (at = await openForgeBench()))
afterEach(() => at[Symbol.asyncDispose]())

async function clone(...how: string[]): Promise<string> {
  await at.inForge('config', 'uploadpack.allowFilter', 'true')
  await mustGit(at.fixture.client, ['clone', '--quiet', ...how, `file://${at.fixture.forge}`, 'clone'])
  return join(at.fixture.folder, 'clone')
}

/** Runs the command that the message names, as a person would. */
async function followCure(message: string): Promise<void> {
  const command = /`git ([^`]+)`/.exec(message)?.[1]?.split(' ') ?? []
  await mustGit(at.fixture.client, command)
}

test.each([
  ['shallow', ['--depth', '1'], 'is a shallow clone, whose history is cut off'],
  ['partial', ['--filter=blob:none', '--no-checkout'], 'is a partial clone, which lacks objects'],
])('a %s clone is refused with a cure that helps', async (_, how, what) => {
  const path = await clone(...how)
  const forge = createLocalForge(at.fixture.git, path)
  const refused = await forge.git.updateMirror(at.mirror).catch((error: Error) => error)
  expect(refused).toMatchObject({
    code: 'incomplete',
    message: expect.stringContaining(`${path} ${what}: complete it`),
  })
  expect((refused as Error).message.split('\n')).toHaveLength(1)
  await followCure((refused as Error).message)
  await forge.git.updateMirror(at.mirror)
  expect(await resolveRef(at.fixture.git, at.mirror, 'main')).toBe(await at.inForge('rev-parse', 'main'))
  expect(await mustGit(at.fixture.client, ['--git-dir', at.mirror, 'rev-list', '--count', 'main'])).toBe('2')
})

test('ignores grafts and replacements of the source', async () => {
  const tip = await at.inForge('rev-parse', 'main')
  await at.inForge('replace', 'main~1', 'hidden')
  await writeFile(join(at.fixture.forge, 'info', 'grafts'), `${tip}\n`)
  await at.forge.git.updateMirror(at.mirror)
  const count = ['--git-dir', at.mirror, '--no-replace-objects', 'rev-list', '--count', 'main']
  expect(await mustGit(at.fixture.client, count)).toBe('2')
  expect(await mustGit(at.fixture.client, ['--git-dir', at.mirror, 'for-each-ref', 'refs/replace'])).toBe('')
})
