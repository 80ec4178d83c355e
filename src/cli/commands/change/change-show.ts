// glovebox change show
import type { Command } from 'commander'
import { printableBlock } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { approvalObstacle } from '../../print/approval.ts'
import { advisoryLines } from '../../print/print-advisories.ts'
import { changeCommands, changeLines, nextSection } from '../../print/print-change.ts'
import type { ChangeDetail } from '../../../contract/resources.ts'
import { type Session, withSession } from '../../session/session.ts'
import type { Style } from '../../text/style.ts'
import { alignColumns } from '../../text/table.ts'

export function registerChangeShow(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([change], options) =>
    withSession(registry.environment, options, async (session) => {
      const { client, json, print, style, folder } = session
      const detail = await client.getChange({ params: { change } })
      const obstacle = json ? null : await approvalObstacle(session, detail)
      await print(detail, () => {
        const next = nextSection(
          [...changeCommands(detail, folder.command, obstacle), folder.command(`trace ${detail.change.run}`)],
          style,
        )
        return `${[...lines(detail, session), ...next].join('\n')}\n`
      })
      return 0
    }),
  )
}

function lines(detail: ChangeDetail, { style, columns, folder }: Session): string[] {
  const { change, advisories } = detail
  const body =
    change.body.trim() === ''
      ? []
      : [
          '',
          ...printableBlock(change.body.trim())
            .split('\n')
            .map((line) => `  ${line}`),
        ]
  const via = change.requester.via === undefined ? '' : ` through ${formatText(change.requester.via)}`
  const checks = change.checks.map((check) => [
    check.passed ? style.good('passed') : style.bad('failed'),
    formatText(check.name, 60),
    formatText(check.detail, 300),
  ])
  const decisions = change.decisions.map(
    (decision) =>
      `${decision.decision} by ${formatText(decision.actor.id)} for ${decision.commit.slice(0, 12)}${decision.reason === null ? '' : `: ${formatText(decision.reason, 500)}`}`,
  )
  return [
    ...changeLines(detail, style, folder.command),
    `  from run ${change.run}, requested by ${formatText(change.requester.id)}${via}`,
    ...body,
    ...(advisories === null ? [] : ['', ...advisoryLines(advisories, { style, columns, whole: true })]),
    ...section('Checks', alignColumns(checks), style),
    ...section('Decisions', decisions, style),
  ]
}

function section(title: string, content: readonly string[], style: Style): string[] {
  return content.length === 0 ? [] : ['', style.bold(title), ...content.map((line) => `  ${line}`)]
}
