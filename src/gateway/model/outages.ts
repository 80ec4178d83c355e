// Providers that give no answer. Agents ask a provider that is down for many minutes, some for ever: a step that had no
// answer several times in a row is told in words that agents stop at, and asks no more.

export interface Outages {
  /** Counts for this step from now on, from nothing; null: nobody counts until the next one. */
  watch(step: string | null): void
  /** The provider of the connection answered, whatever it said. */
  answered(connection: string): void
  /** A call had no answer, for this reason. Returns why the step asks no more, or null while it may try again. */
  missed(connection: string, call: { startedAt: number; why: string }): string | null
  /** Why the step asks no more; null: it may. */
  reason(connection: string): string | null
}

interface Missed {
  times: number
  /** When a call was counted last. */
  at: number
  why: string
}

/** `now` is the clock of `startedAt`. */
export function createOutages(most: number, now: () => number = () => performance.now()): Outages {
  let step: { name: string; since: number } | null = null
  const missed = new Map<string, Missed>()

  function reason(connection: string): string | null {
    const found = missed.get(connection)
    if (step === null || found === undefined || found.times < most) return null
    const { times, why } = found
    return `${why} The connection ${connection} gave no answer ${times} times in a row: the step \`${step.name}\` asks it no more.`
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
      // Calls that were under way together met the same outage, and say no more of it than one.
      if (startedAt >= at && times < most) missed.set(connection, { times: times + 1, at: now(), why })
      return reason(connection)
    },
    reason,
  }
}
