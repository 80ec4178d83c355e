// What can go wrong when the host asks git for something.

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
  /** A repository of ours has a configuration that we did not write. */
  | 'foreign-configuration'

export class GitError extends Error {
  readonly code: GitErrorCode
  readonly argv: readonly string[]
  /** The last of what git wrote to standard error. It can quote a remote's bytes: escape it before showing it. */
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
