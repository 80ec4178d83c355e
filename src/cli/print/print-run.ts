// Prints a run's summary: as JSON, or for a person in one of its forms.
import { approvalObstacle } from './approval.ts'
import type { SummaryOptions } from './print-run-summary.ts'
import type { RunSummary } from './run-summary.ts'
import type { Session } from '../session/session.ts'
import { write } from '../text/write.ts'

export type SummaryForm = (summary: RunSummary, options: SummaryOptions) => string

export interface PrintedRun {
  json: unknown
  form: SummaryForm
  /** The stream of the text for a person; JSON is always on standard output. */
  on?: 'stdout' | 'stderr'
}

export async function printRun(session: Session, summary: RunSummary, printed: PrintedRun): Promise<void> {
  const { environment, json, folder } = session
  if (json) return session.print(printed.json, () => '')
  const obstacle = summary.change === null ? null : await approvalObstacle(session, summary.change)
  const stream = printed.on === 'stderr' ? environment.stderr : environment.stdout
  const { style, columns } = session.look(stream)
  const text = printed.form(summary, { style, columns, command: folder.command, obstacle })
  await write(stream, text)
}
