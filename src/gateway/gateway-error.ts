/** Reason of a refusal or failure at the wall. refusal.ts maps each to a status code. */
export type GatewayErrorCode =
  | 'bad-authority'
  | 'bad-request'
  | 'misdirected'
  | 'unsupported'
  | 'too-large'
  | 'forbidden-address'
  | 'unresolvable'
  | 'unreachable'
  | 'timeout'
  | 'bad-upstream'
  | 'bad-configuration'

export class GatewayError extends Error {
  readonly code: GatewayErrorCode
  constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GatewayError'
    this.code = code
  }
}
