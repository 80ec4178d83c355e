// A data folder that is configured before its first use, as `glovebox data adopt` leaves it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDataFolder } from '../src/data-folder/open-data-folder.ts'

/** `configuration` is the text of glovebox.yaml. */
export async function makeDataFolder(path: string, configuration?: string): Promise<void> {
  await openDataFolder(path, { searchPath: process.env['PATH'] ?? '' })
  if (configuration !== undefined) await writeFile(join(path, 'glovebox.yaml'), configuration, { mode: 0o600 })
}
