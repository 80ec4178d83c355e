// How much an agent may say. All of it is attacker-controlled and ends in memory or on the record; over a bound, the agent
// has failed.

export interface Bounds {
  /** Of one line of standard output. */
  lineBytes: number
  /** Of values within each other in one message. */
  depth: number
  /** Lines that are no protocol, before the agent's first answer: wrappers like to greet. */
  strayLines: number
  /** Messages of the protocol, or lines of a plain agent. */
  messages: number
  /** Entries in the record. */
  facts: number
  /** Of everything that is kept as blobs. */
  keptBytes: number
  calls: number
  /** Calls that have not come to an end. */
  openCalls: number
  /** Requests of the agent that wait for an answer. */
  openRequests: number
  /** A message longer than this is recorded in several. */
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
