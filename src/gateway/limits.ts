/** Bounds of one gateway. Sizes in bytes, times in milliseconds. What is over a bound is refused and recorded. */
export interface GatewayLimits {
  connections: number
  /** Requests of one connection that may wait for the answer to an earlier one. */
  pipelined: number
  /** Request line and headers together. */
  headerBytes: number
  headers: number
  /** The URL as it is recorded; an event must stay below a ledger leaf. */
  urlBytes: number
  /** A body that the proxy passes to a service. Services may be stricter. */
  requestBytes: number
  /** A request body that goes to the open network. */
  egressRequestBytes: number
  responseBytes: number
  /** Up to this much of a body is held in memory, more goes to a blob as it comes. */
  memoryBytes: number
  /** What is still read of a request that was answered before its end, so that the client gets to see the answer. */
  drainBytes: number
  drainMs: number
  handshakeMs: number
  headersMs: number
  requestMs: number
  keepAliveMs: number
  connectMs: number
  /** Longest silence of an upstream, before and while it answers. */
  upstreamIdleMs: number
}

const MIB = 1024 ** 2

export const DEFAULT_LIMITS: GatewayLimits = {
  connections: 256,
  pipelined: 8,
  headerBytes: 32 * 1024,
  headers: 100,
  urlBytes: 8 * 1024,
  requestBytes: 1024 * MIB,
  egressRequestBytes: 64 * MIB,
  responseBytes: 1024 * MIB,
  memoryBytes: MIB,
  drainBytes: 64 * MIB,
  drainMs: 5000,
  handshakeMs: 15_000,
  headersMs: 30_000,
  requestMs: 600_000,
  keepAliveMs: 60_000,
  connectMs: 10_000,
  upstreamIdleMs: 120_000,
}
