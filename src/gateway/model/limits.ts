/** Limits of the model service. Sizes are in bytes, times in milliseconds. */
export interface ModelLimits {
  requestBytes: number
  /** An answer that is not a stream is read completely before it is passed on. */
  responseBytes: number
  streamBytes: number
  connectMs: number
  /** Time until the headers of an answer; a model may think for a long time first. */
  headersMs: number
  /** Longest silence within an answer. */
  idleMs: number
  /** Attempts to connect. Only an attempt that sent nothing is repeated. */
  connectTries: number
  /** Calls in a row without an answer, after which a step makes no more calls. */
  missesInARow: number
  /** Connections to one provider, over all runs. */
  connections: number
}

const MIB = 1024 ** 2

export const DEFAULT_MODEL_LIMITS: ModelLimits = {
  requestBytes: 64 * MIB,
  responseBytes: 64 * MIB,
  streamBytes: 1024 * MIB,
  connectMs: 10_000,
  headersMs: 600_000,
  idleMs: 300_000,
  connectTries: 3,
  missesInARow: 5,
  connections: 128,
}
