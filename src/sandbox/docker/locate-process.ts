// A container's first process on the host, seen with our own eyes: who it really is there is not taken on trust.
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
  /** Empty when it has ended already. */
  processes: ProcessIdentity[]
  cgroups: ContainerCgroups
}

/** Rejects when it does not have `hostUid` on this host; null where the runtime has no process of the sandbox's uid. */
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing // it ended meanwhile
    throw error
  }
}
