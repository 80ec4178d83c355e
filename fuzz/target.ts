// What a fuzz target is: a reader of bytes that an attacker chose, with what must hold of it.

export interface Target {
  name: string
  /** The files, from the top of the repository, whose coverage says which inputs are worth keeping. */
  covers: readonly string[]
  /** Words of the format, for mutations. */
  dictionary: readonly string[]
  /** The input is JSON (more often than not): mutations then also work on its values. */
  json?: boolean
  /** Longest input in bytes; 4096 unless told. */
  maxBytes?: number
  seeds(): readonly (Uint8Array | string)[]
  /**
   * Throws when something does not hold. Otherwise a word for the way it went, out of a small number: inputs that
   * went a new way are kept. Those whose word begins with `taken` are shown to the witness, now and then.
   */
  run(input: Uint8Array): string | Promise<string>
  /** Holds some accepted inputs against a real program, which costs more than `run` may. */
  witness?(inputs: readonly Uint8Array[]): void | Promise<void>
}

/** A property that does not hold. */
export class Violation extends Error {
  /** The input at fault, where it is not the one that was just run. */
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

/** Compares what JSON can say. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (one !== other) throw new Violation(`${what}: ${one} is not ${other}`)
}

type Attempt<T> = { value: T; why: null } | { value: null; why: string }

/** The result, or why there is none. An error of another class than the reader's own is a violation. */
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

/** A message without what it quotes, so that there are few of them. */
function reason(error: unknown, own: new (...args: never[]) => Error): string {
  if (!(error instanceof own)) throw error
  return `refused: ${error.message.replaceAll(/"[^]*"|\d+/g, '..').slice(0, 120)}`
}
