// Stage `close`: records the coverage, then ends the sandbox. Only the record remains.
import type { GuestCoverage } from '../../sandbox/types.ts'
import type { Box } from './open.ts'
import type { RunnerParts } from '../job.ts'
import type { RunRecord } from '../run-record.ts'

const COVERAGE_TIMEOUT_MS = 5000
const LOST = 'lost'

export async function reportCoverage(
  run: string,
  box: Box,
  parts: RunnerParts,
  record: RunRecord,
): Promise<GuestCoverage> {
  const coverage = withoutRecorder(await coverageOf(box), box.sandbox.unrecorded)
  const { processes, filesRead, filesWritten } = await parts.store.events.summary(run)
  await record.platform('coverage.reported', {
    mechanism: coverage.mechanism,
    complete: coverage.complete && coverage.dropped === 0,
    limits: { ...box.limits },
    processes,
    filesRead,
    filesWritten,
    dropped: coverage.dropped,
    blindSpots: [...coverage.blindSpots],
  })
  return coverage
}

/** Coverage without the guest's own claims, for a sandbox in which the guest can't record. */
function withoutRecorder(coverage: GuestCoverage, reason: string | null): GuestCoverage {
  if (reason === null || coverage.mechanism === LOST) return coverage
  return { ...coverage, mechanism: 'none', complete: false, blindSpots: [reason] }
}

/** Asks the guest for its coverage. A guest that does not answer has lost the record (invariant 7). */
async function coverageOf(box: Box): Promise<GuestCoverage> {
  const lost = (reason: string): GuestCoverage => ({
    mechanism: LOST,
    dropped: 0,
    complete: false,
    blindSpots: [`the recorder was lost: ${reason}; later actions are not on the record`],
  })
  const timeout = new Promise<GuestCoverage>((resolve) => {
    setTimeout(() => resolve(lost('it did not answer')), COVERAGE_TIMEOUT_MS).unref()
  })
  const reason = (error: unknown): GuestCoverage => lost(error instanceof Error ? error.message : String(error))
  return Promise.race([box.recorderLost.catch(reason), box.guest.coverage().catch(reason), timeout])
}
