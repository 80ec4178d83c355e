// How a container is known as ours after a crash. Labels are written by Glovebox alone: nothing inside can change them.
import { dirname } from 'node:path'
import { bootId, identify, isAlive } from '../on-host/process-table.ts'

/** The folder of sandbox directories that it belongs to: two instances on one machine leave each other alone. */
export const INSTANCE_LABEL = 'glovebox.instance'
/** Claimed by one start alone, so that undoing it can't hit another. */
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
  /** false: the Glovebox that started it is gone. */
  owned: boolean
}

export function readLabels(id: string, labels: Readonly<Record<string, string>>): LabelledContainer {
  const [boot, pid, startTime] = (labels[OWNER_LABEL] ?? '').split(' ')
  const owned = boot === bootId() && isAlive({ pid: Number(pid), startTime: startTime ?? '' })
  return { id, run: labels[RUN_LABEL] ?? '', owned }
}
