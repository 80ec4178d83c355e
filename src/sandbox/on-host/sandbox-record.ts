// What is needed to end a sandbox after Glovebox itself was killed. Kept beside the workspace, out of the sandbox's reach.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ProcessIdentity } from './process-table.ts'

export const SandboxRecord = z.strictObject({
  version: z.literal(1),
  run: z.string(),
  bootId: z.string(),
  owner: ProcessIdentity.describe('the Glovebox that started it'),
  hostUid: z.int().positive(),
  uidLock: z
    .string()
    .nullable()
    .describe('null: the uid is the one Glovebox runs as, so it says nothing about a process'),
  cgroups: z.array(z.string()),
  processes: z.array(ProcessIdentity).describe('the outermost process and PID 1 of the sandbox'),
})
export type SandboxRecord = z.infer<typeof SandboxRecord>

const FILE = 'sandbox.json'

export function writeRecord(directory: string, record: SandboxRecord): void {
  const path = join(directory, FILE)
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** null when the crash came before it was written: then nothing was started either. */
export function readRecord(directory: string): SandboxRecord | null {
  try {
    return SandboxRecord.parse(JSON.parse(readFileSync(join(directory, FILE), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
