import type { GuestMessage } from './decode-message.ts'
import { LinkError } from './link-error.ts'

/** What the guest may say now, and what is done with it. One exchange at a time. */
export interface Exchange {
  /** Takes a message that belongs to the exchange; true when it was the last one. Anything else is a protocol error. */
  take(message: GuestMessage): boolean
  fail(error: LinkError): void
  /** Awaited after the messages of one chunk, before more is read. */
  flush?(): Promise<void>
}

export function unexpected(message: GuestMessage): LinkError {
  return new LinkError('protocol', `the guest sent ${message.kind} without being asked`)
}
