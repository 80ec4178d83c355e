import type { GuestMessage } from './decode-message.ts'
import { LinkError } from './link-error.ts'

/** Handler for the messages that the guest may send now. There is one exchange at a time. */
export interface Exchange {
  /**
   * Takes a message of this exchange; returns true after the last one. Throws a protocol error for any other message.
   */
  take(message: GuestMessage): boolean
  fail(error: LinkError): void
  /** Awaited after the messages of one chunk, before more is read. */
  flush?(): Promise<void>
}

export function unexpected(message: GuestMessage): LinkError {
  return new LinkError('protocol', `the guest sent ${message.kind} without being asked`)
}
