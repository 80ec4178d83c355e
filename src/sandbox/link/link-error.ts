/**
 * `lost`: the link broke. `protocol`: the guest violated the protocol. `timeout`: no guest dialled in. `refused`: the
 * guest could not start a command with its restrictions and its recorder. `unreadable`: a file exists but can't be
 * read. `input`: the source of a step's standard input failed. `closed`: our side ended the link. `invalid`: our own
 * request can't be sent.
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
