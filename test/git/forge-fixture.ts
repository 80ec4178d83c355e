// Test fixture: a forge in a folder with a small history, and a work tree of it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { HostGit } from '../../src/git/host-git.ts'
import { createHostGit } from '../../src/git/host-git.ts'
import type { ClientGit } from './client-git.ts'
import { createClientGit, mustGit } from './client-git.ts'

export interface ForgeFixture extends AsyncDisposable {
  folder: string
  client: ClientGit
  git: HostGit
  /** A bare repository with branches main and hidden. */
  forge: string
  /** A work tree whose origin is the forge. */
  work: string
}

export async function createForge(options: { format?: 'sha1' | 'sha256' } = {}): Promise<ForgeFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-git-'))
  const client = await createClientGit(folder)
  const git = await createHostGit({ path: '/usr/local/bin:/usr/bin:/bin', folder: join(folder, 'host') })
  const forge = join(folder, 'storefront.git')
  const work = join(folder, 'work')
  const init = ['init', '--quiet', `--object-format=${options.format ?? 'sha1'}`]
  await mustGit(client, [...init, '--bare', forge])
  await mustGit(client, [...init, work])
  await mustGit(client, ['remote', 'add', 'origin', forge], { cwd: work })
  await commitFile(client, work, 'README.md', 'storefront\n', 'first')
  await commitFile(client, work, 'src/cart.js', 'let items = 1\nlet total = 2\n\n\n\n\n\nexport { items }\n', 'cart')
  await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
  await mustGit(client, ['switch', '--quiet', '-c', 'hidden'], { cwd: work })
  await commitFile(client, work, 'secret.txt', 'the launch code is 0451\n', 'hidden work')
  await mustGit(client, ['push', '--quiet', 'origin', 'hidden'], { cwd: work })
  await mustGit(client, ['switch', '--quiet', 'main'], { cwd: work })
  return { folder, client, git, forge, work, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Commits a file and returns the id of the commit. */
export async function commitFile(
  client: ClientGit,
  work: string,
  path: string,
  content: string | Uint8Array,
  message: string,
): Promise<string> {
  await mkdir(dirname(join(work, path)), { recursive: true })
  await writeFile(join(work, path), content)
  await mustGit(client, ['add', '--all'], { cwd: work })
  await mustGit(client, ['commit', '--quiet', '-m', message], { cwd: work })
  return mustGit(client, ['rev-parse', 'HEAD'], { cwd: work })
}
