// Prints a run's summary on standard output, as text or as JSON.
import { approvalObstacle } from './approval.ts'
import { renderRunSummary } from './print-run-summary.ts'
import type { RunSummary } from './run-summary.ts'
import type { Session } from '../session/session.ts'

export async function printRun(session: Session, summary: RunSummary, json: unknown): Promise<void> {
  const { style, columns, folder } = session
  const obstacle = session.json || summary.change === null ? null : await approvalObstacle(session, summary.change)
  await session.print(json, () => renderRunSummary(summary, { style, columns, command: folder.command, obstacle }))
}
