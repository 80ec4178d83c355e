// Counts calls without an answer. Some agents retry a provider that is down for many minutes or for ever. After several
// calls in a row without an answer, further calls of the step get an error at which agents stop.

export interface Outages {
  /** Starts to count for this step, from zero; null stops counting until the next step. */
  watch(step: string | null): void
  /** Notes any answer of the provider, even an error. */
  answered(connection: string): void
  /** Notes a call without an answer. Returns the message if the step may make no more calls, else null. */
  missed(connection: string, call: { startedAt: number; why: string }): string | null
  /** The message if the step may make no more calls on the connection; else null. */
  reason(connection: string): string | null
}

interface Missed {
  times: number
  /** Time of the last counted call. */
  at: number
  why: string
}

/** `now` must be the same clock as that of `startedAt`. */
export function createOutages(most: number, now: () => number = () => performance.now()): Outages {
  let step: { name: string; since: number } | null = null
  const missed = new Map<string, Missed>()

  function reason(connection: string): string | null {
    const found = missed.get(connection)
    if (step === null || found === undefined || found.times < most) return null
    const { times, why } = found
    return `${why} The connection ${connection} gave no answer ${times} times in a row, so Glovebox stops the calls of the step \`${step.name}\` to it.`
  }

  return {
    watch(name) {
      missed.clear()
      step = name === null ? null : { name, since: now() }
    },
    answered: (connection) => void missed.delete(connection),
    missed(connection, { startedAt, why }) {
      if (step === null) return null
      const { times, at } = missed.get(connection) ?? { times: 0, at: step.since }
      // Concurrent calls met the same outage, so they count once.
      if (startedAt >= at && times < most) missed.set(connection, { times: times + 1, at: now(), why })
      return reason(connection)
    },
    reason,
  }
}
