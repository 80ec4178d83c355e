// A repository at an https address, without a credential: it must be public to be read, and a push succeeds only if the
// server lets anyone push.
import type { HostGit } from '../git/host-git.ts'
import { createGitForge } from './git-forge.ts'
import type { Forge } from './types.ts'
import { ForgeError } from './types.ts'

export function createHttpsForge(git: HostGit, repository: string): Forge {
  const url = new URL(repository)
  if (url.username !== '' || url.password !== '') {
    throw new ForgeError('refused', 'an address must not contain a credential, because it would be recorded: remove it')
  }
  if (url.search !== '' || url.hash !== '')
    throw new ForgeError('refused', 'the address of a repository must not have a query or a fragment: remove it')
  if (url.pathname === '/') throw new ForgeError('not-a-repository', `${url.origin} names no repository: add its path`)
  const address = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  return createGitForge(git, { kind: 'git-https', remote: { address, kind: 'https' }, originUrl: address })
}
