// Test fixture: a forge in a folder, and a quarantine with a change for it.
import { join } from 'node:path'
import { createLocalForge } from '../../src/forges/local.ts'
import type { Forge, MergeRequest } from '../../src/forges/types.ts'
import { resolveRef } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { mustGit } from './client-git.ts'
import type { ForgeFixture } from './forge-fixture.ts'
import { commitFile, createForge } from './forge-fixture.ts'

export interface Proposal {
  quarantine: string
  base: string
  commit: string
}

export interface ForgeBench extends AsyncDisposable {
  fixture: ForgeFixture
  /** A test may replace it. */
  forge: Forge
  mirror: string
  inWork(...args: string[]): Promise<string>
  inForge(...args: string[]): Promise<string>
  /** A quarantine that holds a commit on top of the forge's main. */
  proposal(path?: string, content?: string): Promise<Proposal>
  /** Commits to main of the forge and returns the id of the commit. */
  advanceMain(path: string, content: string): Promise<string>
}

export async function openForgeBench(): Promise<ForgeBench> {
  const fixture = await createForge()
  const { client, git, work } = fixture
  const inWork = (...args: string[]) => mustGit(client, args, { cwd: work })
  const bench: ForgeBench = {
    fixture,
    forge: createLocalForge(git, fixture.forge),
    mirror: join(fixture.folder, 'mirrors', 'm.git'),
    inWork,
    inForge: (...args) => mustGit(client, ['--git-dir', fixture.forge, ...args]),
    async proposal(path = 'fix.js', content = 'fixed\n') {
      await bench.forge.git.updateMirror(bench.mirror)
      const base = await resolveRef(git, bench.mirror, 'main')
      const quarantine = join(fixture.folder, 'quarantine.git')
      await createQuarantine(git, { path: quarantine, mirror: bench.mirror, branch: 'main', commit: base })
      await inWork('switch', '--quiet', '--detach', base)
      const commit = await commitFile(client, work, path, content, 'fix')
      await inWork('push', '--quiet', quarantine, `${commit}:refs/heads/glovebox/x/1`)
      await inWork('switch', '--quiet', 'main')
      return { quarantine, base, commit }
    },
    async advanceMain(path, content) {
      const commit = await commitFile(client, work, path, content, 'meanwhile')
      await inWork('push', '--quiet', 'origin', 'main')
      return commit
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  }
  return bench
}

export function mergeOf(given: Proposal, target = 'main'): MergeRequest {
  return {
    ...given,
    target,
    message: 'Merge the fix\n\nGlovebox-Run: 1\nApproved-by: user:grace\n',
    actor: { id: 'user:grace' },
    time: 1_700_000_123_000,
  }
}
