// glovebox data path
import type { Command } from 'commander'
import { printable } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { openOutput } from '../../session/session.ts'

export function registerDataPath(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, async (_, options) => {
    const { print, folder } = openOutput(registry.environment, options)
    await print({ dataFolder: folder.path }, () => `${printable(folder.path)}\n`)
    return 0
  })
}
