// Bounds on an agent's output, which is attacker-controlled and ends up in memory or on the record. An agent that
// exceeds a bound has failed.

export interface Bounds {
  /** Longest line of standard output, in bytes. */
  lineBytes: number
  /** Deepest nesting of values in one message. */
  depth: number
  /** Lines that are not protocol messages, before the agent's first response: some wrappers print a greeting. */
  strayLines: number
  /** Protocol messages, or lines of a plain agent. */
  messages: number
  /** Recorded events. */
  facts: number
  /** Total size of the blobs, in bytes. */
  keptBytes: number
  calls: number
  /** Tool calls that have not ended. */
  openCalls: number
  /** Requests of the agent that wait for an answer. */
  openRequests: number
  /** Longest recorded message, in characters; a longer one is recorded in several parts. */
  textBytes: number
}

export const BOUNDS: Bounds = {
  lineBytes: 16 * 1024 * 1024,
  depth: 200,
  strayLines: 100,
  messages: 1_000_000,
  facts: 50_000,
  keptBytes: 512 * 1024 * 1024,
  calls: 10_000,
  openCalls: 1_000,
  openRequests: 64,
  textBytes: 1024 * 1024,
}
