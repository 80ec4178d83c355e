// The guest's reports as an account.
import type { GuestReport } from '../../src/sandbox/types.ts'
import { emptyAccount, isInWorkspace, move } from './account.ts'
import type { Account } from './account.ts'

export function recordedAccount(reports: readonly GuestReport[]): { account: Account; omitted: number } {
  const account = emptyAccount()
  let omitted = 0
  for (const report of reports) {
    if (report.kind === 'process.started' && report.origin === 'exec')
      account.programs.push({ argv: report.argv.map(latin1), executable: latin1(report.executable) })
    if (report.kind !== 'file.accessed') continue
    omitted += report.omitted
    for (const list of ['read', 'written', 'created', 'removed'] as const) {
      for (const path of report[list].map(latin1).filter(isInWorkspace)) account[list].add(path)
    }
    for (const { from, to } of report.renamed) {
      const [source, target] = [latin1(from), latin1(to)]
      if (isInWorkspace(source) || isInWorkspace(target)) account.renamed.add(move(source, target))
    }
  }
  return { account, omitted }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
