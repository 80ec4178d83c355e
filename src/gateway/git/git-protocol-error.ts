/** `malformed`: violates the protocol. `too-large`: over a bound. `unsupported`: valid, but not offered here. */
export type GitProtocolErrorCode = 'malformed' | 'too-large' | 'unsupported'

export class GitProtocolError extends Error {
  readonly code: GitProtocolErrorCode
  constructor(code: GitProtocolErrorCode, message: string) {
    super(message)
    this.name = 'GitProtocolError'
    this.code = code
  }
}
