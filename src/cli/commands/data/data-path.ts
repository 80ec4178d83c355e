// glovebox data path
import type { Command } from 'commander'
import { printable } from '../../../domain/byte-text.ts'
import { addCommand, type Registry } from '../../add-command.ts'
import { openOutput } from '../../session/session.ts'

export function registerDataPath(registry: Registry, parent: Command): void {
  addCommand<[]>(registry, {
    parent,
    usage: 'path',
    summary: 'print the path of the data folder',
    isDefault: true,
    action: async (_, options) => {
      const { print, folder } = openOutput(registry.environment, options)
      await print({ dataFolder: folder.path }, () => `${printable(folder.path)}\n`)
      return 0
    },
  })
}
