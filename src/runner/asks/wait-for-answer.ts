// Wait for the first of three: an answer, the deadline, or the end of the run.

export interface Wait {
  /** Deadline, in milliseconds from now. */
  ms: number
  /** Resolves when there is an answer; stops waiting when the signal aborts. */
  answered: (signal: AbortSignal) => Promise<unknown>
  signal: AbortSignal
}

export async function waitForAnswer({ ms, answered, signal }: Wait): Promise<'answered' | 'deadline' | 'end'> {
  if (signal.aborted) return 'end'
  const over = Promise.withResolvers<'deadline' | 'end'>()
  const waiting = new AbortController()
  const onEnd = (): void => over.resolve('end')
  const timer = setTimeout(() => over.resolve('deadline'), ms)
  signal.addEventListener('abort', onEnd, { once: true })
  try {
    return await Promise.race([answered(waiting.signal).then(() => 'answered' as const), over.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onEnd)
    waiting.abort()
  }
}
