// A repository behind a plain https address, without a credential: public ones can be read, and what the server lets
// anyone push can be pushed.
import type { HostGit } from '../git/host-git.ts'
import { createGitForge } from './git-forge.ts'
import type { Forge } from './types.ts'
import { ForgeError } from './types.ts'

export function createHttpsForge(git: HostGit, repository: string): Forge {
  const url = new URL(repository)
  if (url.username !== '' || url.password !== '') {
    throw new ForgeError('refused', 'an address must not hold a credential: it would be on the record')
  }
  if (url.search !== '' || url.hash !== '')
    throw new ForgeError('refused', 'an address of a repository has no query and no fragment')
  if (url.pathname === '/') throw new ForgeError('not-a-repository', `${url.origin} names no repository`)
  const address = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  return createGitForge(git, { kind: 'git-https', remote: { address, kind: 'https' }, originUrl: address })
}
