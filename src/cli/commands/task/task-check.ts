// glovebox task check
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { checkFile } from '../../arguments/check-file.ts'
import { withSession } from '../../session/session.ts'

export function registerTaskCheck(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([file], options) =>
    withSession(registry.environment, options, (session) =>
      checkFile(session, file, (body) => session.client.checkTask({ body })),
    ),
  )
}
