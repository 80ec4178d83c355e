// Converts the guest's reports to an account.
import type { GuestReport } from '../../src/sandbox/types.ts'
import { attributed, emptyAccount, isInWorkspace, move } from './account.ts'
import type { Account, FileList, Program } from './account.ts'

export function recordedAccount(reports: readonly GuestReport[]): { account: Account; omitted: number } {
  const account = emptyAccount()
  let omitted = 0
  const running = new Map<number, Program>()
  for (const report of reports) {
    if (report.kind === 'process.started') {
      const program = { argv: report.argv.map(latin1), executable: latin1(report.executable) }
      running.set(report.pid, program)
      if (report.origin === 'exec') account.programs.push(program)
    }
    if (report.kind !== 'file.accessed') continue
    omitted += report.omitted
    const note = (list: FileList, path: string) => {
      account[list].add(path)
      account.byProgram.add(attributed(running.get(report.pid) ?? null, list, path))
    }
    for (const list of ['read', 'written', 'created', 'removed'] as const) {
      for (const path of report[list].map(latin1).filter(isInWorkspace)) note(list, path)
    }
    for (const path of report.attempted.map(latin1).filter(isInWorkspace)) {
      account.attempted.add(path)
      account.attempted.add(attributed(running.get(report.pid) ?? null, 'attempted', path))
    }
    for (const { from, to } of report.renamed) {
      const [source, target] = [latin1(from), latin1(to)]
      if (isInWorkspace(source) || isInWorkspace(target)) note('renamed', move(source, target))
    }
  }
  return { account, omitted }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
