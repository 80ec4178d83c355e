import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import type { Sandbox, SandboxSpec } from '../types.ts'
import { SandboxError } from '../types.ts'
import { bwrapArguments } from './bwrap-arguments.ts'
import { cgroupDirectories, createCgroups } from './cgroup-limits.ts'
import { checkSpec } from './check-spec.ts'
import { endSandbox, killSandbox, residents } from './end-sandbox.ts'
import type { CgroupParents } from './find-cgroups.ts'
import { isExecutable, requireTool } from './find-tool.ts'
import { takeUid } from './host-uid.ts'
import type { UidRange } from './host-uid.ts'
import { limitedArguments, stagedArguments } from './outer-arguments.ts'
import type { StageTools } from './outer-arguments.ts'
import { prepareDirectory, workspacePath } from './prepare-directory.ts'
import { bootId, identify } from './process-table.ts'
import type { ProcessIdentity } from './process-table.ts'
import { rlimitsFor } from './rlimits.ts'
import { writeRecord } from './sandbox-record.ts'
import type { SandboxRecord } from './sandbox-record.ts'
import { guestStarted, spawnBox } from './spawn-box.ts'
import type { Box } from './spawn-box.ts'
import { systemRoot } from './system-root.ts'
import { watchRecorder } from './watch-recorder.ts'
import { watchWorkspace } from './watch-workspace.ts'

export interface Machine {
  guest: string
  uids: UidRange
  uidLocks: string
  cgroups: CgroupParents
  /** The uid that Glovebox itself runs as. */
  ownUid: number
}

/** Makes one sandbox; what it made is undone again when a step of it fails. */
export async function startSandbox(spec: SandboxSpec, machine: Machine, signal: AbortSignal): Promise<Sandbox> {
  checkSpec(spec)
  if (!isExecutable(machine.guest))
    throw new SandboxError('missing-tool', `the guest program is not built (${machine.guest}): npm run setup`)
  signal.throwIfAborted()
  const record = claim(spec, machine)
  try {
    return await startRecorded(spec, machine, record, signal)
  } catch (error) {
    await endSandbox(spec.directory, record)
    throw error
  }
}

/**
 * From here on everything in the folder and in the cgroups is this run's alone, so that undoing it can't hit another.
 * A folder or cgroup that is already there belongs to another run: a sandbox is single use (invariant 11).
 */
function claim(spec: SandboxSpec, machine: Machine): SandboxRecord {
  const cgroup = cgroupDirectories(machine.cgroups, spec.run).find((directory) => existsSync(directory))
  if (cgroup !== undefined)
    throw new SandboxError('start-failed', `${cgroup} is already there; reap() removes what a crash left`)
  const workspace = workspacePath(spec.directory)
  mkdirSync(spec.directory, { recursive: true, mode: 0o700 })
  mkdirSync(workspace, { mode: 0o700 })
  try {
    return recordOf(spec, machine)
  } catch (error) {
    rmdirSync(workspace)
    throw error
  }
}

function recordOf(spec: SandboxSpec, machine: Machine): SandboxRecord {
  const owner = identify(process.pid)
  if (owner === null) throw new SandboxError('start-failed', '/proc does not show this process')
  const dedicated = machine.ownUid === 0 ? takeUid(machine.uids, machine.uidLocks, spec.run) : null
  return {
    version: 1,
    run: spec.run,
    bootId: bootId(),
    owner,
    hostUid: dedicated?.uid ?? machine.ownUid,
    uidLock: dedicated?.lock ?? null,
    cgroups: cgroupDirectories(machine.cgroups, spec.run),
    processes: [],
  }
}

async function startRecorded(
  spec: SandboxSpec,
  machine: Machine,
  record: SandboxRecord,
  signal: AbortSignal,
): Promise<Sandbox> {
  writeRecord(spec.directory, record)
  const dedicatedUid = record.uidLock !== null
  const hostSources = prepareDirectory(spec, machine.guest, record.hostUid, dedicatedUid)
  const cgroups = createCgroups(machine.cgroups, spec.run, spec.limits)
  const rlimits = rlimitsFor(machine.cgroups, spec.limits, () => requireTool('prlimit', 'util-linux'))

  const bwrap = requireTool('bwrap', 'bubblewrap')
  const staged = dedicatedUid
    ? stagedArguments(stageTools(), record.hostUid, hostSources)
    : { argv: [], sources: hostSources }
  const limited = limitedArguments(cgroups.directories, spec.limits.workspaceBytes)
  const inner = bwrapArguments(spec, staged.sources, systemRoot(), rlimits.launcher)
  const box = spawnBox([...limited, ...staged.argv, bwrap, ...inner])
  const [outermost, guest] = await processesOfBox(box, signal)
  record.processes = [outermost, guest].filter((process) => process !== null)
  writeRecord(spec.directory, record)

  const over = new AbortController()
  void box.exited.then(() => over.abort())
  let workspaceHit: string | null = null
  const onHit = (limit: string) => {
    workspaceHit = limit
    killSandbox(record)
  }
  void watchWorkspace({
    path: hostSources.workspace,
    limitBytes: spec.limits.workspaceBytes,
    processes: () => residents(record).map(({ pid }) => pid),
    onHit,
    signal: over.signal,
  })

  const recorderStopped = Promise.withResolvers<string>()
  const onStopped = (detail: string) => {
    recorderStopped.resolve(detail)
    killSandbox(record)
  }
  if (guest !== null) void watchRecorder({ guest, onStopped, signal: over.signal })

  const known = new Set<string>()
  const limitsHit = async () => {
    for (const hit of cgroups.hits()) known.add(hit)
    if (workspaceHit !== null) known.add(workspaceHit)
    return [...known]
  }
  const destroy = async () => {
    over.abort()
    killSandbox(record)
    await limitsHit() // the counters go away with the cgroup
    await endSandbox(spec.directory, record)
  }
  let destroyed: Promise<void> | null = null
  return {
    hostUid: record.hostUid,
    limitsInForce: {
      ...cgroups.inForce,
      ...rlimits.inForce,
      workspace: `watched ${spec.limits.workspaceBytes} bytes, and no single file above it`,
    },
    exited: box.exited,
    recorderStopped: recorderStopped.promise,
    limitsHit,
    destroy: () =>
      (destroyed ??= destroy().catch((error) => {
        destroyed = null // what could not be ended may be tried again
        throw error
      })),
  }
}

/** A box that does not come up is killed by its own handle: nothing of it may be in the record yet. */
async function processesOfBox(
  box: Box,
  signal: AbortSignal,
): Promise<[outermost: ProcessIdentity | null, guest: ProcessIdentity | null]> {
  try {
    const guestPid = await guestStarted(box, signal)
    signal.throwIfAborted()
    return [box.child.pid === undefined ? null : identify(box.child.pid), identify(guestPid)]
  } catch (error) {
    box.child.kill('SIGKILL')
    await box.exited
    throw error
  }
}

function stageTools(): StageTools {
  return {
    unshare: requireTool('unshare', 'util-linux'),
    mount: requireTool('mount', 'mount'),
    setpriv: requireTool('setpriv', 'util-linux'),
  }
}
