// A container's first process on the host. Its uid is read from the host's /proc, not taken from the engine's answer.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { identify } from '../on-host/process-table.ts'
import type { ProcessIdentity } from '../on-host/process-table.ts'
import { SandboxError } from '../types.ts'
import { containerCgroups } from './container-cgroups.ts'
import type { ContainerCgroups } from './container-cgroups.ts'
import type { Engine } from './engine.ts'
import { ask } from './engine.ts'

const Running = z.object({ State: z.object({ Pid: z.int().nonnegative() }) })

export interface LocatedProcess {
  /** Empty when the process has already ended. */
  processes: ProcessIdentity[]
  cgroups: ContainerCgroups
}

/**
 * Rejects when the process does not run as `hostUid` on this host. null: the runtime has no process with the sandbox's
 * uid here (gVisor).
 */
export async function locateProcess(engine: Engine, id: string, hostUid: number | null): Promise<LocatedProcess> {
  const { State } = Running.parse(await ask(engine, () => engine.client.getContainer(id).inspect()))
  const process = State.Pid > 0 ? identify(State.Pid) : null
  const nothing = { processes: [], cgroups: { memory: null, pids: null } }
  if (process === null) return nothing
  try {
    const uids = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${process.pid}/status`, 'latin1'))?.[1]?.split(/\s+/) ?? []
    const wrong = uids.find((uid) => uid !== String(hostUid))
    if (hostUid !== null && (wrong !== undefined || uids.length === 0))
      throw new SandboxError(
        'start-failed',
        `the engine runs the sandbox as uid ${wrong ?? 'unknown'} and not as ${hostUid}: it maps ids, as Docker without root does`,
      )
    return { processes: [process], cgroups: containerCgroups(process.pid) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing // the process has ended meanwhile
    throw error
  }
}
