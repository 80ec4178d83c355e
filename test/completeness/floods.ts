// Work that a recorder could drown in: bounded by what a process is listed and by backpressure, never by silence.
import type { GuestReport } from '../../src/sandbox/types.ts'
import { PROGRAMS } from './ground.ts'
import type { Ground } from './ground.ts'
import { inRealBox } from './record-it.ts'

/** What the command asks for; the tests ask for less. */
export const FILE_COUNT = 1_000_000
export const FORK_COUNT = 100_000

export interface FloodResult {
  what: string
  /** As the program itself counts. */
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

/** Each file is created, written and removed: three accesses, each of them once. */
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

/** Children that end at once: each of them starts and ends on the record. */
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
