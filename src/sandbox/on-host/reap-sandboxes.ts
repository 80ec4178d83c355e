import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../types.ts'
import { endSandbox } from './end-sandbox.ts'
import { bootId, isAlive } from './process-table.ts'
import { removeTree } from './remove-tree.ts'
import { readRecord } from './sandbox-record.ts'

/**
 * Ends the sandboxes that a crashed Glovebox left below `root`, one folder per run, and returns the runs. Does not
 * touch a run whose Glovebox is alive. After a reboot only removes folders: pids and cgroups of another boot are
 * meaningless.
 */
export async function reapSandboxes(root: string): Promise<string[]> {
  const reaped = new Set<string>()
  const failures: unknown[] = []
  for (const folder of runFolders(root)) {
    try {
      if (await reapOne(join(root, folder))) reaped.add(folder.replace(/\.removing$/, ''))
    } catch (error) {
      failures.push(error) // one failure must not stop the removal of the others
    }
  }
  if (failures.length > 0) {
    const message = failures.map((error) => (error as Error).message).join('; ')
    throw new SandboxError('not-ended', `leftovers below ${root} can't be removed: ${message}`, { cause: failures[0] })
  }
  return [...reaped]
}

async function reapOne(directory: string): Promise<boolean> {
  const record = readRecord(directory)
  if (record === null) await removeTree(directory)
  else if (record.bootId !== bootId())
    await endSandbox(directory, { ...record, cgroups: [], processes: [], uidLock: null })
  else if (isAlive(record.owner)) return false
  else await endSandbox(directory, record)
  return true
}

function runFolders(root: string): string[] {
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}
