// Workloads with floods of actions, to test that the limits per process and backpressure lose no action silently.
import type { GuestReport } from '../../src/sandbox/types.ts'
import { PROGRAMS } from './ground.ts'
import type { Ground } from './ground.ts'
import { inRealBox } from './record-it.ts'

/** Number of files for the command `npm run completeness`; the tests use fewer. */
export const FILE_COUNT = 1_000_000
export const FORK_COUNT = 100_000

export interface FloodResult {
  what: string
  /** The count of the program itself. */
  done: number
  listed: number
  omitted: number
  dropped: number
}

export async function floods(
  ground: Ground,
  { files, forks }: { files: number; forks: number },
): Promise<FloodResult[]> {
  return [await fileFlood(ground, files), await forkFlood(ground, forks)]
}

/** Creates, writes and removes each file: three accesses per file. */
export async function fileFlood(ground: Ground, files: number): Promise<FloodResult> {
  let [listed, omitted] = [0, 0]
  const { coverage, code } = await inRealBox(
    ground,
    { argv: [`${PROGRAMS}/flood`, 'files', String(files)] },
    (batch) => {
      for (const report of batch) {
        if (report.kind !== 'file.accessed') continue
        omitted += report.omitted
        for (const list of [report.created, report.written, report.removed]) listed += list.filter(isOfTheFlood).length
      }
    },
  )
  if (code !== 0) throw new Error(`the flood of files ended with ${code}`)
  const what = `${files.toLocaleString('en')} files created, written and removed by one process`
  return { what, done: files * 3, listed, omitted, dropped: coverage.dropped }
}

/** Starts children that end at once; the record must have the start and end of each. */
export async function forkFlood(ground: Ground, forks: number): Promise<FloodResult> {
  let [started, exited] = [0, 0]
  const { coverage, code } = await inRealBox(
    ground,
    { argv: [`${PROGRAMS}/flood`, 'forks', String(forks)] },
    (batch) => {
      started += batch.filter((report) => report.kind === 'process.started' && report.origin === 'fork').length
      exited += batch.filter((report: GuestReport) => report.kind === 'process.exited').length
    },
  )
  if (code !== 0) throw new Error(`the flood of processes ended with ${code}`)
  if (exited !== started + 1) throw new Error(`${started} processes started and ${exited} ended`)
  const what = `${forks.toLocaleString('en')} processes forked without a pause`
  return { what, done: forks, listed: started, omitted: 0, dropped: coverage.dropped }
}

function isOfTheFlood(path: Uint8Array): boolean {
  return Buffer.from(path).toString('latin1').startsWith('/workspace/file-')
}
