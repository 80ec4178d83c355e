// Interface of a fuzz target: a parser of attacker-controlled bytes, with the properties that must hold.

export interface Target {
  name: string
  /** Files whose coverage decides which inputs are kept. Paths from the top of the repository. */
  covers: readonly string[]
  /** Words of the format, for mutations. */
  dictionary: readonly string[]
  /** Whether the input is usually JSON. Mutations then also change its values. */
  json?: boolean
  /** Longest input in bytes. Default: 4096. */
  maxBytes?: number
  seeds(): readonly (Uint8Array | string)[]
  /**
   * Runs one input. Throws when a property is violated. Otherwise returns one of a few words for the path that the
   * input took: an input with a new word is kept. Some inputs whose word begins with `taken` also go to the witness.
   */
  run(input: Uint8Array): string | Promise<string>
  /** Compares some accepted inputs with a real program, which is too slow for `run`. */
  witness?(inputs: readonly Uint8Array[]): void | Promise<void>
}

/** A violated property. */
export class Violation extends Error {
  /** The failing input, if it is not the current one. */
  readonly input: Uint8Array | undefined
  constructor(message: string, input?: Uint8Array) {
    super(message)
    this.name = 'Violation'
    this.input = input
  }
}

export function must(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Violation(message())
}

/** Compares two values by their JSON. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (one !== other) throw new Violation(`${what}: ${one} is not ${other}`)
}

type Attempt<T> = { value: T; why: null } | { value: null; why: string }

/**
 * Runs a parser; returns its result or the reason of its refusal. An error of another class than `own` is a violation.
 */
export function attempt<T>(read: () => T, own: new (...args: never[]) => Error): Attempt<T> {
  try {
    return { value: read(), why: null }
  } catch (error) {
    return { value: null, why: reason(error, own) }
  }
}

export async function attemptAsync<T>(
  read: () => Promise<T>,
  own: new (...args: never[]) => Error,
): Promise<Attempt<T>> {
  try {
    return { value: await read(), why: null }
  } catch (error) {
    return { value: null, why: reason(error, own) }
  }
}

/** The error message without quoted input, so that there are few different ones. */
function reason(error: unknown, own: new (...args: never[]) => Error): string {
  if (!(error instanceof own)) throw error
  return `refused: ${error.message.replaceAll(/"[^]*"|\d+/g, '..').slice(0, 120)}`
}
