/** Bounds of one gateway. Sizes in bytes, times in milliseconds. A request over a bound is refused and recorded. */
export interface GatewayLimits {
  connections: number
  /** Most requests of one connection that may wait for an earlier answer. */
  pipelined: number
  /** Request line and headers together. */
  headerBytes: number
  headers: number
  /** A recorded URL. An event must fit into a ledger leaf. */
  urlBytes: number
  /** A request body that the proxy passes to a service. Services may be stricter. */
  requestBytes: number
  /** A request body that goes to the open network. */
  egressRequestBytes: number
  responseBytes: number
  /** Part of a body that is held in memory; a longer body is written to a blob as it arrives. */
  memoryBytes: number
  /** Rest of an early-answered request that is still read, so that the client gets to see the answer. */
  drainBytes: number
  drainMs: number
  handshakeMs: number
  headersMs: number
  requestMs: number
  keepAliveMs: number
  connectMs: number
  /** Longest silence of an upstream server, before and during its answer. */
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
