// glovebox artifact
import type { Command } from 'commander'
import { formatBytes } from '../../../domain/format-bytes.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'
import { writeBytes } from '../../text/write.ts'

export function registerArtifact(registry: Registry, command: Command): void {
  addAction<[string, string | undefined]>(registry, command, ([run, name], options) =>
    withSession(registry.environment, options, async ({ client, environment, print }) => {
      if (name !== undefined) {
        const { bytes } = await client.readArtifact({ params: { run, name } })
        await writeBytes(environment.stdout, bytes)
        return 0
      }
      const { artifacts } = await client.getRun({ params: { run } })
      const rows = artifacts.map((artifact) => [
        formatText(artifact.name),
        formatBytes(artifact.bytes),
        artifact.digest,
      ])
      await print(artifacts, () =>
        rows.length === 0 ? 'The run left no artifacts.\n' : `${alignColumns(rows).join('\n')}\n`,
      )
      return 0
    }),
  )
}
