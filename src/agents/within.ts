/** Waits for a promise, but at most this long, and then returns `late()`. A later outcome is ignored. */
export async function within<T>(promise: Promise<T>, milliseconds: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late())
      } catch (error) {
        reject(error as Error)
      }
    }, milliseconds)
  })
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, waited])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for a promise or until the signal aborts; resolves with null on abort. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  let stop = (): void => undefined
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  })
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
