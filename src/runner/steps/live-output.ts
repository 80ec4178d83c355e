// The output of the steps at work in this process, for readers who do not wait for the end of a step.
import type { StepOutput } from './step-output.ts'

type Stream = 'stdout' | 'stderr'

export interface LiveOutputs {
  /** The output as a step writes it. It is readable here until the result is closed, after the end of the step is recorded. */
  watch(run: string, step: number, output: StepOutput): StepOutput & Disposable
  /** The beginning of a stream as it is written, until the end of the step; null if the step is not at work here. */
  follow(run: string, step: number, stream: Stream, signal: AbortSignal): AsyncIterable<Uint8Array> | null
}

interface AtWork {
  output: StepOutput
  ended: boolean
  change: PromiseWithResolvers<void>
}

/** How a step makes its output readable while it is at work. */
export type WatchOutput = (step: number, output: StepOutput) => StepOutput & Disposable

/** For commands that nobody follows. */
export function watchNothing(_: number, output: StepOutput): StepOutput & Disposable {
  return { ...output, [Symbol.dispose]: () => {} }
}

export function createLiveOutputs(): LiveOutputs {
  const steps = new Map<string, AtWork>()
  return {
    watch(run, step, output) {
      const atWork: AtWork = { output, ended: false, change: Promise.withResolvers() }
      const key = keyOf(run, step)
      steps.set(key, atWork)
      return {
        ...output,
        async write(stream, bytes) {
          await output.write(stream, bytes)
          wake(atWork)
        },
        [Symbol.dispose]() {
          atWork.ended = true
          wake(atWork)
          steps.delete(key)
        },
      }
    },
    follow(run, step, stream, signal) {
      const atWork = steps.get(keyOf(run, step))
      return atWork === undefined ? null : follow(atWork, stream, signal)
    },
  }
}

async function* follow(atWork: AtWork, stream: Stream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = Promise.withResolvers<void>()
  const listener = () => stop.resolve()
  signal.addEventListener('abort', listener, { once: true })
  try {
    for (let offset = 0; !signal.aborted;) {
      // Taken before reading, so that a write in between is not missed.
      const changed = atWork.change.promise
      const bytes = await atWork.output.read(stream, offset)
      offset += bytes.length
      if (bytes.length > 0) yield bytes
      else if (atWork.ended) return
      else await Promise.race([changed, stop.promise])
    }
  } finally {
    signal.removeEventListener('abort', listener)
  }
}

function wake(atWork: AtWork): void {
  atWork.change.resolve()
  atWork.change = Promise.withResolvers()
}

function keyOf(run: string, step: number): string {
  return `${run} ${step}`
}
