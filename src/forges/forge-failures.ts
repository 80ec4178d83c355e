import type { GitErrorCode } from '../git/git-error.ts'
import { GitError } from '../git/git-error.ts'
import type { Remote } from '../git/remote.ts'
import { ForgeError } from './types.ts'

const CODES: Partial<Record<GitErrorCode, ForgeError['code']>> = {
  'not-a-repository': 'not-a-repository',
  'empty-repository': 'empty-repository',
  'unknown-ref': 'unknown-ref',
  incomplete: 'incomplete',
  conflict: 'conflict',
}

/** Converts a GitError to a ForgeError; other errors are returned unchanged. */
export function forgeError(error: unknown, address: string): unknown {
  if (!(error instanceof GitError)) return error
  if (error.code === 'not-clean')
    return new ForgeError(
      'checked-out',
      `${error.message}; the branch is checked out there. Commit or stash what you have, or check out another branch: git -C ${address} switch --detach`,
    )
  const code = CODES[error.code]
  if (code !== undefined) return new ForgeError(code, error.message)
  const told = tellingLine(error.stderr)
  return new ForgeError('unreachable', `${address}: ${told ?? error.message}`)
}

/** The line of git's output that names the cause: the first fatal error; hints and warnings are ignored. */
function tellingLine(stderr: string): string | undefined {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^remote: *$/.test(line) && !/^(remote: )?(hint|warning):/.test(line))
  const kinds = [/^remote: (fatal|error):/, /^(fatal|error):/, /^remote:/]
  return kinds.map((kind) => lines.find((line) => kind.test(line))?.trim()).find((line) => line !== undefined)
}

/** Converts the summary that `git push --porcelain` prints for a refused ref. */
export function pushError(summary: string, { remote, branch }: { remote: Remote; branch: string }): ForgeError {
  if (/checked out/.test(summary)) {
    const cure = `git -C ${remote.address} switch --detach`
    return new ForgeError(
      'checked-out',
      `the branch ${branch} is checked out in a work tree of ${remote.address} that Glovebox does not update. Check out another branch there first, for example: ${cure}`,
    )
  }
  if (
    /stale info|fetch first|non-fast-forward|failed to lock|cannot lock|failed to update ref|reference already exists|incorrect old value/i.test(
      summary,
    )
  ) {
    return new ForgeError('moved', `the branch ${branch} of ${remote.address} changed in the meantime; try again`)
  }
  return new ForgeError('refused', `${remote.address} refused the branch ${branch}: ${summary}`)
}
