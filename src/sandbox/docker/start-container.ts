import { setTimeout as sleep } from 'node:timers/promises'
import { boundNamespaces } from '../on-host/bound-namespaces.ts'
import { checkSpec } from '../on-host/check-spec.ts'
import { claimDirectory } from '../on-host/claim-directory.ts'
import type { Claimant } from '../on-host/claim-directory.ts'
import { endSandbox, killSandbox, killUntilDone, residents } from '../on-host/end-sandbox.ts'
import { isExecutable } from '../on-host/find-tool.ts'
import { guardSandbox } from '../on-host/guard-sandbox.ts'
import { limitSockets } from '../on-host/limit-sockets.ts'
import { prepareDirectory } from '../on-host/prepare-directory.ts'
import { descendantsOf, isAlive } from '../on-host/process-table.ts'
import { limitsCounted, memoryLimitName, processesOfCgroup } from '../on-host/read-cgroup.ts'
import { runShares } from '../on-host/run-shares.ts'
import { writeRecord } from '../on-host/sandbox-record.ts'
import type { SandboxRecord } from '../on-host/sandbox-record.ts'
import { inForceOnce, sharesInForce } from '../on-host/shares-in-force.ts'
import { SANDBOX_HOSTNAME, syntheticFiles } from '../on-host/synthetic-files.ts'
import type { LocalSpec, Sandbox, SandboxFile, SandboxSpec } from '../types.ts'
import { SandboxError } from '../types.ts'
import { containerLabels } from './container-labels.ts'
import { containerOptions } from './container-options.ts'
import type { Engine } from './engine.ts'
import { ask } from './engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import { GVISOR, limitsInForce, UNRECORDED } from './limits-in-force.ts'
import { locateProcess } from './locate-process.ts'
import { openFilesBound } from './open-files-bound.ts'
import { removeContainerOf } from './remove-container.ts'
import type { Image } from './resolve-image.ts'
import { resolveImage } from './resolve-image.ts'
import { watchContainer } from './watch-container.ts'

/** Time, in ms, that the engine gets to learn why a sandbox ended. After that the reason counts as unknown. */
const ENGINE_LEARNS_MS = 10_000

export interface ContainerMachine extends Claimant {
  guest: string
  /** Host path of the program that enters namespaces (guest/stage/enter.c). */
  enter: string
  engine: Engine
  facts: EngineFacts
  /** Name as configured; resolved to a digest at each start. */
  image: string
  /** null: the engine's default. */
  runtime: string | null
  ownGid: number
  /** Called with a directory whose container could not be removed, because the engine went away. */
  leftBehind: (directory: string) => void
}

/** Creates one sandbox. If any part fails, undoes what was already created. */
export async function startContainer(
  spec: SandboxSpec,
  machine: ContainerMachine,
  signal: AbortSignal,
): Promise<Sandbox> {
  checkSpec(spec)
  if (!isExecutable(machine.guest))
    throw new SandboxError('missing-tool', `the guest program is not built (${machine.guest}): npm run setup`)
  const image = await resolveImage(machine.engine, machine.image)
  signal.throwIfAborted()
  const record = claimDirectory(spec, machine, [])
  try {
    return await startRecorded(spec, machine, image, record, signal)
  } catch (error) {
    await endContainer(spec, machine, record)
    throw error
  }
}

async function startRecorded(
  spec: LocalSpec,
  machine: ContainerMachine,
  image: Image,
  record: SandboxRecord,
  signal: AbortSignal,
): Promise<Sandbox> {
  const { engine, facts, runtime } = machine
  writeRecord(spec.directory, record)
  const user = { uid: record.hostUid, gid: record.uidLock === null ? machine.ownGid : record.hostUid }
  const sources = prepareDirectory(spec, machine.guest, record, madeFiles(user.uid))
  const labels = containerLabels(spec.run, spec.directory)
  const options = containerOptions({ spec, sources, image, user, labels, runtime, facts, openFiles: openFilesBound() })
  signal.throwIfAborted()
  const container = await ask(engine, () => engine.client.createContainer(options))
  signal.throwIfAborted()
  const watch = await watchContainer(engine, container.id, () => killUntilDone(() => killSandbox(record), signal))
  signal.throwIfAborted()
  await watch.start()
  const located = await locateProcess(engine, container.id, runtime === GVISOR ? null : record.hostUid)
  record.processes = located.processes
  writeRecord(spec.directory, record)
  signal.throwIfAborted()
  const { cgroups } = located
  // Under gVisor the process on this host is not the guest, and this kernel does not hold the sandbox's sockets and
  // terminals.
  const guest = runtime === GVISOR ? null : (located.processes[0] ?? null)
  const shares = runShares(spec.limits)
  const bounds = Promise.all([
    guest === null ? new Set<string>() : boundNamespaces(machine.enter, guest.pid, { ...shares, userSettings: {} }),
    cgroups.memory && limitSockets(cgroups.memory, shares.socketBytes),
  ])
  return {
    hostUid: record.hostUid,
    image: image.id,
    unrecorded: runtime === GVISOR ? UNRECORDED : null,
    limitsInForce: inForceOnce(bounds, ([bounded, socketCgroup]) => ({
      ...limitsInForce({ facts, limits: spec.limits, cgroups, runtime }),
      ...sharesInForce({
        shares,
        bounded,
        ownUid: record.uidLock !== null,
        socketCgroup,
        socketsWatched: guest !== null,
      }),
    })),
    exited: watch.exited,
    ...guardSandbox({
      spec,
      workspace: sources.workspace,
      exited: watch.exited,
      broken: watch.broken,
      guest,
      shares,
      enter: machine.enter,
      ownUserNamespace: false,
      isPaused: watch.isPaused,
      processes: () => {
        const counted = cgroups.pids ? processesOfCgroup(cgroups.pids.directory) : []
        const descended = record.uidLock === null && guest !== null ? descendantsOf(guest.pid) : []
        return [...new Set([...counted, ...residents(record).map(({ pid }) => pid), ...descended])]
      },
      counted: async () => {
        const now = limitsCounted(cgroups, spec.limits)
        // The cgroups vanish with the first process, and the engine learns a moment later why that process ended.
        const guest = located.processes[0]
        if (guest !== undefined && !isAlive(guest))
          await Promise.race([watch.exited, sleep(ENGINE_LEARNS_MS, null, { ref: false })])
        return (await watch.outOfMemory()) ? [...now, memoryLimitName(spec.limits)] : now
      },
      kill: () => killSandbox(record),
      end: () => endContainer(spec, machine, record),
    }),
  }
}

/**
 * Ends and removes the container through the engine, then ends what is left on this host. If the engine is down, the
 * sandbox is ended by killing its processes; the container is removed once the engine answers again.
 */
async function endContainer(spec: SandboxSpec, machine: ContainerMachine, record: SandboxRecord): Promise<void> {
  try {
    await removeContainerOf(machine.engine, spec.directory)
  } catch (error) {
    const gone = error instanceof SandboxError && error.code === 'engine-unavailable'
    // Without its own uid and without known processes, only the engine could tell whether a process is left.
    if (!gone || (record.uidLock === null && record.processes.length === 0)) throw error
    machine.leftBehind(spec.directory)
  }
  await endSandbox(spec.directory, record)
}

function madeFiles(uid: number): SandboxFile[] {
  return [
    ...syntheticFiles(uid),
    // Otherwise the engine mounts its own files here, with the host's resolvers and a host name that it chose.
    { target: '/etc/resolv.conf', content: '' },
    { target: '/etc/hostname', content: `${SANDBOX_HOSTNAME}\n` },
    // An image's own /etc/profile resets PATH and runs programs in each login shell. Some agents start one per command.
    { target: '/etc/profile', content: '# Login shells have the environment that every other command has.\n' },
  ]
}
