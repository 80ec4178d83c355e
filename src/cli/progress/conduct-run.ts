// A started run as the person at the keyboard sees it: followed to its end, or left to the server.
import { EXIT } from '../../contract/problem.ts'
import { shortId } from '../../domain/ids.ts'
import type { Run } from '../../domain/run.ts'
import { UsageError } from '../cli-error.ts'
import { exitCodeOfRun } from '../exit-codes.ts'
import { briefCommandSummary, briefRunSummary } from '../print/brief-run-summary.ts'
import { printRun } from '../print/print-run.ts'
import { collectRunSummary, runJson, type RunSummary } from '../print/run-summary.ts'
import type { Session } from '../session/session.ts'
import { COMMAND_STEP, followRun } from './follow-run.ts'

/** `about`: looks at the finished run before its summary is printed. */
export async function conductRun(
  session: Session,
  started: Run,
  about: (summary: RunSummary) => Promise<void> = async () => {},
): Promise<number> {
  const isCommand = started.taskSource === 'ad-hoc' && started.task === COMMAND_STEP
  const wasInterrupted = await followRun(session, started, isCommand && !session.json)
  const summary = await collectRunSummary(session.client, started.id)
  if (summary.run.status === 'invalid' && !session.json)
    throw new UsageError(summary.run.reason ?? 'The run is invalid')
  await about(summary)
  await printRun(session, summary, {
    json: runJson(summary),
    ...(isCommand ? { form: briefCommandSummary, on: 'stderr' } : { form: briefRunSummary }),
  })
  return wasInterrupted ? EXIT.interrupted : exitCodeOfRun(summary.run.status)
}

/** The run executes in the process of a server, so without one there would be nobody to execute it. */
export function needServer({ place }: Session): void {
  if (place === 'a running server') return
  throw new UsageError(
    '--detach needs a server that executes the run: start one with `glovebox serve`, or leave --detach out',
  )
}

export async function leaveRun({ client, print, folder }: Session, run: Run): Promise<number> {
  const { pid } = await client.getInstance()
  const id = shortId(run.id)
  const commands = [`trace ${id} --follow`, `runs show ${id}`, `runs cancel ${id}`]
  await print({ run }, () =>
    [
      `Run ${run.id} is queued; it executes in process ${pid}.`,
      ...commands.map((words) => `  ${folder.command(words)}`),
      '',
    ].join('\n'),
  )
  return EXIT.done
}
