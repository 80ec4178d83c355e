// glovebox data adopt <folder>
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { searchPath } from '../../../config/env.ts'
import { adoptDataFolder } from '../../../data-folder/open-data-folder.ts'
import { printable } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { openOutput } from '../../session/session.ts'

const AFTER = `
Glovebox works on a data folder that it made, and on no other: what is in it decides what runs on this machine. Adopt one
that you made with an earlier version, restored from a backup, or filled with a glovebox.yaml before its first use. Never
adopt a folder that came with a repository or an archive.`

export function registerDataAdopt(registry: Registry, command: Command): void {
  const { environment } = registry
  addAction<[string]>(registry, command, async ([given], options) => {
    if (given === '') throw new UsageError('`data adopt` needs a folder')
    const folder = resolve(environment.cwd, given)
    await adoptDataFolder(folder, { searchPath: searchPath(environment.env) })
    const { print } = openOutput(environment, { ...options, data: given })
    await print({ dataFolder: folder }, () => `Adopted ${printable(folder)}; name it with --data or GLOVEBOX_DATA\n`)
    return 0
  }).addHelpText('after', AFTER)
}
