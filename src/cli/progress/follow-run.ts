// Follows a run to its end with a live view. Cancels it on Ctrl-C.
import { FINISHED, type Run } from '../../domain/run.ts'
import { asksInPlace } from './ask-in-place.ts'
import { liveProgress } from './live-progress.ts'
import { plainProgress, type Progress } from './progress.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import type { Session } from '../session/session.ts'
import { copyOutput } from './copy-output.ts'
import { createStyle, wantsColour } from '../text/style.ts'

/** Name of the step of a run that executes a single command. */
export const COMMAND_STEP = 'command'

/** Time, in ms, that a cancelled run has to end. */
const CANCEL_MS = 60_000

/** Resolves with true when the person interrupted it. `output`: whether to pass on the output of a single command. */
export async function followRun(session: Session, run: Run, output: boolean): Promise<boolean> {
  if (FINISHED.includes(run.status)) return false
  const { client, environment } = session
  const progress = chooseProgress(session)
  const givenUp = new AbortController()
  const interrupted = onInterrupt(environment.interrupted, () => cancel(session, run, progress, givenUp))
  progress.note(`Run ${run.id}`)
  try {
    const kinds = progress.kinds === null ? {} : { kind: [...progress.kinds] }
    const events = await client.readEvents({
      params: { run: run.id },
      query: { follow: true, ...kinds },
      signal: givenUp.signal,
    })
    const copies: Promise<void>[] = []
    await using asks = asksInPlace(session, progress, interrupted.happen)
    for await (const event of events) {
      progress.event(event)
      asks.see(event)
      if (output && event.kind === 'step.started' && event.body.name === COMMAND_STEP) {
        // From here on the terminal belongs to the command.
        progress.stop()
        copies.push(copyOutput(session, run.id, event.body.step, givenUp.signal))
      }
      if (event.kind === 'run.finished') break
    }
    await Promise.all(copies)
  } finally {
    progress.stop()
    interrupted.ignore()
  }
  return interrupted.happened()
}

async function cancel(
  { client, environment }: Session,
  run: Run,
  progress: Progress,
  givenUp: AbortController,
): Promise<void> {
  progress.note('Cancelling the run; press Ctrl-C again to leave at once')
  setTimeout(() => givenUp.abort(), CANCEL_MS).unref()
  environment.interruptedAgain.addEventListener('abort', () => givenUp.abort(), { once: true })
  try {
    await client.cancelRun({ params: { run: run.id } })
  } catch (error) {
    // The run has just finished, or the server has ended. In both cases the event stream ends, too.
    if (!(error instanceof ProblemError) || error.code !== 'wrong-state') givenUp.abort()
  }
}

interface Interrupt {
  happened(): boolean
  /** Acts as if the signal had come. */
  happen(): void
  ignore(): void
}

function onInterrupt(signal: AbortSignal, act: () => Promise<void>): Interrupt {
  let happened = false
  function listener(): void {
    signal.removeEventListener('abort', listener)
    happened = true
    act().catch(() => undefined)
  }
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
  return { happened: () => happened, happen: listener, ignore: () => signal.removeEventListener('abort', listener) }
}

function chooseProgress({ environment, folder }: Session): Progress {
  const { stderr, env } = environment
  if (env['TERM'] === 'dumb' || stderr.isTTY !== true) return plainProgress(stderr, folder.command)
  return liveProgress(stderr, createStyle(wantsColour(stderr, env)), () => performance.now(), folder.command)
}
