// glovebox task check
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { checkFile } from '../../arguments/check-file.ts'
import { withSession } from '../../session/session.ts'

export function registerTaskCheck(registry: Registry, parent: Command): void {
  addCommand<[string]>(registry, {
    parent,
    usage: 'check <file>',
    summary: 'check a task file',
    action: ([file], options) =>
      withSession(registry.environment, options, (session) =>
        checkFile(session, file, (body) => session.client.checkTask({ body })),
      ),
  })
}
