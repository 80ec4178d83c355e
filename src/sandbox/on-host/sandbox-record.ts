// The record that reap() needs to end a sandbox after a crash of Glovebox. It lies outside the sandbox's reach.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ProcessIdentity } from './process-table.ts'

export const SandboxRecord = z.strictObject({
  version: z.literal(1),
  run: z.string(),
  bootId: z.string(),
  owner: ProcessIdentity.describe('the Glovebox process that started the sandbox'),
  hostUid: z.int().positive(),
  uidLock: z
    .string()
    .nullable()
    .describe('null: the sandbox runs as the uid of Glovebox itself, so the uid does not identify its processes'),
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

/** null: the crash came before the record was written, so no process was started. */
export function readRecord(directory: string): SandboxRecord | null {
  try {
    return SandboxRecord.parse(JSON.parse(readFileSync(join(directory, FILE), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
