// A repository in a folder of this machine, bare or with a work tree. Its hooks and configuration never run a program
// (src/git/hardening.ts).
import { realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { HostGit } from '../git/host-git.ts'
import { uncommittedFiles } from '../git/uncommitted-files.ts'
import { createGitForge } from './git-forge.ts'
import type { Forge } from './types.ts'
import { ForgeError } from './types.ts'

const ORIGIN = 'https://git.glovebox.internal'

/** `path` must be absolute. ForgeError `not-a-repository` if it is not an existing folder. */
export function createLocalForge(git: HostGit, path: string): Forge {
  const address = realFolder(path)
  const forge = createGitForge(git, {
    kind: 'local',
    remote: { address, kind: 'local' },
    originUrl: `${ORIGIN}/${nameOf(address)}.git`,
  })
  return { ...forge, workTree: { uncommittedFiles: () => uncommittedFiles(git, address) } }
}

function realFolder(path: string): string {
  try {
    const address = realpathSync(path)
    if (statSync(address).isDirectory()) return address
  } catch {
    throw new ForgeError('not-a-repository', `there is no folder ${path}`)
  }
  throw new ForgeError('not-a-repository', `${path} is not a folder`)
}

/** `/srv/storefront.git`, `/srv/storefront` and `/srv/storefront/.git` are all storefront. */
function nameOf(address: string): string {
  const folder = address.replace(/\/\.git$/, '')
  const name = basename(folder)
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
  return name === '' ? 'repository' : name
}
