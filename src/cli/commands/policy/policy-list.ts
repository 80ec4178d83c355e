// glovebox policy list
import { basename } from 'node:path'
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerPolicyList(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print, style, columns }) => {
      const list = await client.listPolicies()
      const rows = list.policies.map((policy) => [
        formatText(policy.id),
        policy.enabled ? style.good('in force') : style.dim('off'),
        formatText(basename(policy.file), 40),
        formatText(firstSentence(policy.description), 300),
      ])
      await print(
        list,
        () =>
          `${alignColumns([['POLICY', 'STATE', 'FILE', 'WHAT IT SAYS'], ...rows], columns).join('\n')}\n\nDigest of the policies in force: ${list.digest}\n`,
      )
      return 0
    }),
  )
}

function firstSentence(description: string): string {
  const text = description.replaceAll('\n', ' ')
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text
}
