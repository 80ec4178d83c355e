// Labels that identify our containers after a crash. Only Glovebox writes them; nothing inside a container can change
// them.
import { dirname } from 'node:path'
import { bootId, identify, isAlive } from '../on-host/process-table.ts'

/**
 * Folder of the instance's sandbox directories. It keeps two instances on one machine from removing each other's
 * containers.
 */
export const INSTANCE_LABEL = 'glovebox.instance'
/** Sandbox directory. Exactly one start claims it, so undoing that start can't remove another container. */
export const DIRECTORY_LABEL = 'glovebox.directory'
const RUN_LABEL = 'glovebox.run'
const OWNER_LABEL = 'glovebox.owner'

export function containerLabels(run: string, directory: string): Record<string, string> {
  return {
    [INSTANCE_LABEL]: dirname(directory),
    [DIRECTORY_LABEL]: directory,
    [RUN_LABEL]: run,
    [OWNER_LABEL]: ownerLabel(),
  }
}

function ownerLabel(): string {
  const self = identify(process.pid)
  return `${bootId()} ${process.pid} ${self?.startTime ?? 0}`
}

export interface LabelledContainer {
  id: string
  run: string
  /** false: the Glovebox process that started it has ended. */
  owned: boolean
}

export function readLabels(id: string, labels: Readonly<Record<string, string>>): LabelledContainer {
  const [boot, pid, startTime] = (labels[OWNER_LABEL] ?? '').split(' ')
  const owned = boot === bootId() && isAlive({ pid: Number(pid), startTime: startTime ?? '' })
  return { id, run: labels[RUN_LABEL] ?? '', owned }
}
