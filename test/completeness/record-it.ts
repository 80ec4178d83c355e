// Runs the workload in the real sandbox, with the guest recording it.
import { join } from 'node:path'
import { listenForGuest } from '../../src/sandbox/link/listen-for-guest.ts'
import { createBubblewrap } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import type { GuestCoverage, GuestReport, UnixEndpoint } from '../../src/sandbox/types.ts'
import { listen } from '../sandbox/boxes.ts'
import type { Account } from './account.ts'
import { freshFolder, giveTo, GUEST, LIMITS, UIDS } from './ground.ts'
import type { Ground } from './ground.ts'
import { recordedAccount } from './recorded-account.ts'
import type { Workload } from './workload.ts'

export interface Recorded {
  account: Account
  omitted: number
  coverage: GuestCoverage
  code: number | null
  output: string
}

export async function recordIt(ground: Ground, workload: Pick<Workload, 'argv' | 'seed'>): Promise<Recorded> {
  const reports: GuestReport[] = []
  const ran = await inRealBox(ground, workload, (batch) => void reports.push(...batch))
  return { ...ran, ...recordedAccount(reports) }
}

/** Passes the reports to `take`, and reads more only after it is done. If the signal aborts, the step ends. */
export async function inRealBox(
  ground: Ground,
  workload: Pick<Workload, 'argv' | 'seed'>,
  take: (reports: readonly GuestReport[]) => Promise<void> | void,
  ending: AbortSignal = new AbortController().signal,
): Promise<Pick<Recorded, 'coverage' | 'code' | 'output'>> {
  const provider = createBubblewrap({ guest: GUEST, uids: UIDS, uidLocks: join(ground.folder, 'uids') })
  const sockets = await freshFolder(ground.folder, `sockets-${crypto.randomUUID().slice(0, 8)}`)
  const [linkSocket, gatewaySocket] = [join(sockets, 'link'), join(sockets, 'gateway')]
  await using resources = new AsyncDisposableStack()
  const listener = await listenForGuest(linkSocket)
  resources.defer(() => listener.close())
  const gateway = await listen(gatewaySocket)
  resources.defer(() => gateway.close())
  const run = `complete${process.pid}-${crypto.randomUUID().slice(0, 8)}`
  const directory = join(ground.folder, 'sandboxes', run)
  const signal = new AbortController().signal
  const endpoints = { gateway: unix(gatewaySocket), link: unix(linkSocket) }
  const fixed = { run, directory, ...endpoints, gatewayPort: 8080, files: [], limits: LIMITS }
  const sandbox = await provider.start({ ...fixed, readOnlyMounts: ground.mounts, env: ground.env }, signal)
  resources.defer(() => sandbox.destroy())
  const guest = await listener.accept(30_000, signal)
  resources.defer(() => guest.close())
  const workspace = join(directory, 'workspace')
  await workload.seed?.(workspace)
  await giveTo(workspace, sandbox.hostUid)
  const output: Uint8Array[] = []
  const command = {
    step: 1,
    argv: workload.argv,
    env: ground.env,
    cwd: '/workspace',
    outputLimit: 1 << 20,
    record: true,
  }
  const sink = { output: (_: string, bytes: Uint8Array) => void output.push(bytes), reports: take }
  const { code } = await guest.run(command, sink, ending)
  return { coverage: await guest.coverage(), code, output: Buffer.concat(output).toString() }
}

function unix(path: string): UnixEndpoint {
  return { kind: 'unix', path }
}
