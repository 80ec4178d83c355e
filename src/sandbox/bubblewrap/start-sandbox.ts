import { boundNamespaces } from '../on-host/bound-namespaces.ts'
import { checkSpec } from '../on-host/check-spec.ts'
import { claimDirectory } from '../on-host/claim-directory.ts'
import type { Claimant } from '../on-host/claim-directory.ts'
import { endSandbox, killSandbox, residents } from '../on-host/end-sandbox.ts'
import { isExecutable, requireTool } from '../on-host/find-tool.ts'
import { guardSandbox, workspaceInForce } from '../on-host/guard-sandbox.ts'
import type { Watchers } from '../on-host/guard-sandbox.ts'
import { limitSockets } from '../on-host/limit-sockets.ts'
import { prepareDirectory } from '../on-host/prepare-directory.ts'
import { descendantsOf, identify } from '../on-host/process-table.ts'
import type { ProcessIdentity } from '../on-host/process-table.ts'
import { runShares } from '../on-host/run-shares.ts'
import { writeRecord } from '../on-host/sandbox-record.ts'
import type { SandboxRecord } from '../on-host/sandbox-record.ts'
import { inForceOnce, sharesInForce } from '../on-host/shares-in-force.ts'
import { syntheticFiles } from '../on-host/synthetic-files.ts'
import type { LocalSpec, Sandbox, SandboxFile, SandboxSpec } from '../types.ts'
import { SandboxError } from '../types.ts'
import { bwrapArguments, SANDBOX_UID } from './bwrap-arguments.ts'
import { CopiedFiles } from './copied-files.ts'
import { cgroupDirectories, createCgroups } from './cgroup-limits.ts'
import type { CgroupParents } from './find-cgroups.ts'
import { limitOptions, stageOptions } from './outer-arguments.ts'
import { rlimitsFor } from './rlimits.ts'
import { firstProcess, guestStarted, MAKER, spawnBox } from './spawn-box.ts'
import type { Box } from './spawn-box.ts'
import { systemRoot } from './system-root.ts'

export interface Machine extends Claimant {
  guest: string
  /** Host path of the program in front of bwrap. */
  stage: string
  /** Host path of the program that enters namespaces (guest/stage/enter.c). */
  enter: string
  cgroups: CgroupParents
  /** Default: the real ones. */
  watchers?: Partial<Watchers> | undefined
}

/** Creates one sandbox. If any part fails, undoes what was already created. */
export async function startSandbox(spec: SandboxSpec, machine: Machine, signal: AbortSignal): Promise<Sandbox> {
  checkSpec(spec)
  if (!isExecutable(machine.guest))
    throw new SandboxError('missing-tool', `the guest program is not built (${machine.guest}): npm run setup`)
  for (const program of [machine.stage, machine.enter])
    if (!isExecutable(program))
      throw new SandboxError('missing-tool', `a program around sandboxes is not built (${program}): npm run setup`)
  signal.throwIfAborted()
  const record = claimDirectory(spec, machine, cgroupDirectories(machine.cgroups, spec.run))
  try {
    return await startRecorded(spec, machine, record, signal)
  } catch (error) {
    await endSandbox(spec.directory, record)
    throw error
  }
}

async function startRecorded(
  spec: LocalSpec,
  machine: Machine,
  record: SandboxRecord,
  signal: AbortSignal,
): Promise<Sandbox> {
  writeRecord(spec.directory, record)
  const dedicatedUid = record.uidLock !== null
  const hostSources = prepareDirectory(spec, machine.guest, record, madeFiles())
  const shares = runShares(spec.limits)
  const cgroups = createCgroups(machine.cgroups, spec.run, spec.limits)
  const rlimits = rlimitsFor(machine.cgroups, spec.limits, () => requireTool('prlimit', 'util-linux'))

  const bwrap = requireTool('bwrap', 'bubblewrap')
  const staged = dedicatedUid ? stageOptions(record.hostUid, hostSources) : { options: [], sources: hostSources }
  const limits = limitOptions(cgroups.directories, spec.limits.workspaceBytes)
  const copied = new CopiedFiles()
  const inner = bwrapArguments(spec, staged.sources, systemRoot(), rlimits.launcher, copied)
  const box = spawnBox([machine.stage, ...limits, ...staged.options, '--', bwrap, ...inner], copied.paths)
  const started = await processesOfBox(box, signal, (pid) => {
    const sockets = cgroups.memory && limitSockets(cgroups.memory, shares.socketBytes)
    // A sandbox with its own user id shares an account's limits with nobody.
    const userSettings = dedicatedUid ? {} : shares.userSettings
    return Promise.all([boundNamespaces(machine.enter, pid, { ...shares, userSettings }, MAKER), sockets])
  })
  const { outermost, guest, bounds } = started
  record.processes = [outermost, guest].filter((process) => process !== null)
  writeRecord(spec.directory, record)

  return {
    hostUid: record.hostUid,
    image: null,
    unrecorded: null,
    limitsInForce: inForceOnce(bounds, ([bounded, socketCgroup]) => ({
      ...cgroups.inForce,
      ...rlimits.inForce,
      workspace: workspaceInForce(spec.limits.workspaceBytes),
      ...sharesInForce({ shares, bounded, ownUid: dedicatedUid, socketCgroup, socketsWatched: guest !== null }),
    })),
    exited: box.exited,
    ...guardSandbox({
      spec,
      workspace: hostSources.workspace,
      exited: box.exited,
      broken: () => null,
      guest,
      shares,
      enter: machine.enter,
      ownUserNamespace: true,
      isPaused: async () => false, // there is no engine to ask
      processes: () => processesOf(record, guest),
      counted: () => cgroups.hits(),
      kill: () => {
        box.child.kill('SIGKILL') // works even when no file of /proc can be opened
        killSandbox(record)
      },
      end: () => endSandbox(spec.directory, record),
      watchers: machine.watchers,
    }),
  }
}

interface BoxProcesses<Bounds> {
  outermost: ProcessIdentity | null
  guest: ProcessIdentity | null
  /** Result of `bound`, which starts while the box is being created. This function does not wait for it. */
  bounds: Promise<Bounds>
}

/**
 * Kills a box that does not come up by its process handle, because the sandbox record may not list its processes yet.
 */
async function processesOfBox<Bounds>(
  box: Box,
  signal: AbortSignal,
  bound: (pid: number) => Promise<Bounds>,
): Promise<BoxProcesses<Bounds>> {
  try {
    const pid = await firstProcess(box)
    const bounds = bound(pid)
    bounds.catch(() => undefined) // its error reaches the code that awaits it
    await guestStarted(box, pid, signal)
    signal.throwIfAborted()
    return { outermost: box.child.pid === undefined ? null : identify(box.child.pid), guest: identify(pid), bounds }
  } catch (error) {
    box.child.kill('SIGKILL')
    await box.exited
    throw error
  }
}

/** Pids of the sandbox. Without its own uid or cgroup, they are the descendants of its first process. */
function processesOf(record: SandboxRecord, guest: ProcessIdentity | null): number[] {
  const descended = record.uidLock === null && guest !== null ? descendantsOf(guest.pid) : []
  return [...new Set([...residents(record).map(({ pid }) => pid), ...descended])]
}

function madeFiles(): SandboxFile[] {
  // The host's kernel command line may hold passwords for the machine's first boot (invariant 1).
  return [...syntheticFiles(SANDBOX_UID), { target: '/proc/cmdline', content: '\n' }]
}
