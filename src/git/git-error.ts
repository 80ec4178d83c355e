// Errors of git on the host.

export type GitErrorCode =
  | 'failed'
  | 'timeout'
  | 'aborted'
  | 'too-large'
  | 'not-a-repository'
  | 'empty-repository'
  | 'unknown-ref'
  | 'incomplete'
  | 'conflict'
  | 'rejected'
  /** A work tree has changes, or something else that an update would destroy. */
  | 'not-clean'
  /** One of Glovebox's own repositories has a configuration that Glovebox did not write. */
  | 'foreign-configuration'

export class GitError extends Error {
  readonly code: GitErrorCode
  readonly argv: readonly string[]
  /** The end of git's standard error. It can contain bytes of a remote: escape it before showing it. */
  readonly stderr: string

  constructor(code: GitErrorCode, message: string, detail: { argv?: readonly string[]; stderr?: string } = {}) {
    super(message)
    this.name = 'GitError'
    this.code = code
    this.argv = detail.argv ?? []
    this.stderr = detail.stderr ?? ''
  }
}

export function isGitError(error: unknown, ...codes: readonly GitErrorCode[]): error is GitError {
  return error instanceof GitError && (codes.length === 0 || codes.includes(error.code))
}
