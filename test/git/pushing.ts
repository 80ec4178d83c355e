// Test fixture: a clone of the run's repository, as a sandbox has it, and pushes from it through the gateway.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import { commitOf } from '../../src/git/quarantine.ts'
import type { ClientResult } from './client-git.ts'
import { mustGit } from './client-git.ts'
import { commitFile } from './forge-fixture.ts'
import { openWall } from './wall.ts'
import type { Wall } from './wall.ts'

export interface Pushing extends AsyncDisposable {
  wall: Wall
  /** The clone; a test may replace it. */
  box: { cwd: string }
  /** Commits a file and returns the id of the commit. */
  commit(path?: string, content?: string | Uint8Array): Promise<string>
  push(...args: string[]): Promise<ClientResult>
  ownCommit(): Promise<string | null>
  /** The refs of the quarantine, each with name and id. */
  refs(): Promise<string[]>
  objectsAside(): Promise<string[]>
  /** Expects that no ref moved, no file stayed behind, and the refusal is recorded. */
  expectNothingTaken(reason: RegExp): Promise<void>
  packOf(objects: string[]): Promise<Buffer>
}

export async function openPushing(options: Parameters<typeof openWall>[0] = {}): Promise<Pushing> {
  const wall = await openWall(options)
  await mustGit(wall.client, ['clone', '--quiet', wall.url, 'box'])
  const list = ['--git-dir', wall.quarantine, 'for-each-ref', '--format=%(refname) %(objectname)']
  const pushing: Pushing = {
    wall,
    box: { cwd: join(wall.fixture.folder, 'box') },
    commit: (path = 'fix.js', content = 'fixed\n') => commitFile(wall.client, pushing.box.cwd, path, content, 'fix'),
    push: (...args) => wall.client(['push', ...args], pushing.box),
    ownCommit: () => commitOf(wall.fixture.git, wall.quarantine, PUSH_BRANCH),
    refs: async () => (await mustGit(wall.client, list)).split('\n'),
    objectsAside: async () => (await readdir(wall.quarantine)).filter((name) => name.startsWith('incoming-')),
    async expectNothingTaken(reason) {
      expect(await pushing.refs()).toEqual([`refs/heads/main ${wall.base}`])
      expect(await pushing.objectsAside()).toEqual([])
      const pushed = wall.last('git.pushed')
      expect(pushed.accepted).toBe(false)
      expect(pushed.updates.some((update) => reason.test(update.result))).toBe(true)
    },
    async packOf(objects) {
      const ids = await Promise.all(objects.map((name) => mustGit(wall.client, ['rev-parse', name], pushing.box)))
      const input = ids.map((id) => `${id}\n`).join('')
      const { stdout } = await wall.client(['pack-objects', '--stdout', '--quiet'], { ...pushing.box, input })
      return Buffer.from(stdout, 'latin1')
    },
    [Symbol.asyncDispose]: () => wall[Symbol.asyncDispose](),
  }
  return pushing
}
