/**
 * `lost`: the link broke. `protocol`: the guest sent what it must not. `timeout`: no guest dialled in. `refused`: the
 * guest could not start a command with the restrictions and the recorder it needs. `unreadable`: a file is there but
 * can't be given. `input`: what was to be a step's standard input failed. `closed`: our side ended the link.
 */
export type LinkErrorCode = 'lost' | 'protocol' | 'timeout' | 'refused' | 'unreadable' | 'input' | 'closed' | 'invalid'

export class LinkError extends Error {
  readonly code: LinkErrorCode
  constructor(code: LinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LinkError'
    this.code = code
  }
}
