// Which comes first: an answer, the deadline, or the end of the run.

export interface Wait {
  /** Milliseconds from now. */
  ms: number
  answered: Promise<void>
  signal: AbortSignal
}

export async function waitForAnswer({ ms, answered, signal }: Wait): Promise<'answered' | 'deadline' | 'end'> {
  const over = Promise.withResolvers<'deadline' | 'end'>()
  const onEnd = (): void => over.resolve('end')
  const timer = setTimeout(() => over.resolve('deadline'), ms)
  signal.addEventListener('abort', onEnd, { once: true })
  try {
    if (signal.aborted) onEnd()
    return await Promise.race([answered.then(() => 'answered' as const), over.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onEnd)
  }
}
