// Chooses the kind of forge by the repository's address.
import { fileURLToPath } from 'node:url'
import { isAbsolute } from 'node:path'
import type { HostGit } from '../git/host-git.ts'
import { createHttpsForge } from './git-https.ts'
import { createLocalForge } from './local.ts'
import type { Forge } from './types.ts'
import { ForgeError } from './types.ts'

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i
/** `git@host:path`, the short form that ssh and git read. */
const SCP_FORM = /^[^/\s]+@[^/\s]+:/

/** `repository`: an absolute path, a `file://` URL or an https URL. For others the ForgeError says what would work. */
export function openForge(repository: string, options: { git: HostGit }): Forge {
  const { git } = options
  if (repository.includes('\0'))
    throw new ForgeError('unreachable', "a repository's name must not contain a NUL character")
  if (isAbsolute(repository)) return createLocalForge(git, repository)
  const scheme = SCHEME.exec(repository)?.[1]?.toLowerCase()
  if (scheme === 'file') return createLocalForge(git, pathOf(repository))
  if (scheme === 'https') {
    if (!URL.canParse(repository))
      throw new ForgeError('unreachable', `${JSON.stringify(repository)} is not a valid URL`)
    return createHttpsForge(git, repository)
  }
  if (scheme === 'ssh' || scheme === 'git+ssh' || SCP_FORM.test(repository)) {
    throw new ForgeError(
      'unreachable',
      'ssh addresses are not supported, because Glovebox holds no ssh keys: give the https address, or the path of a clone',
    )
  }
  if (scheme === 'http' || scheme === 'git')
    throw new ForgeError('unreachable', `${scheme}:// is not encrypted: give the https address`)
  if (scheme !== undefined)
    throw new ForgeError('unreachable', `${scheme}:// is not supported: give a path or an https address`)
  throw new ForgeError('not-a-repository', `${JSON.stringify(repository)} is neither an absolute path nor an address`)
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw new ForgeError('unreachable', `${JSON.stringify(url)} does not name a folder of this machine`)
  }
}
