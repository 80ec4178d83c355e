// glovebox change approve
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { ProblemError } from '../../../contract/problem-error.ts'
import type { ChangeDetail, Decide } from '../../../contract/resources.ts'
import { approvalObstacle } from '../../print/approval.ts'
import { changeCommands, changeLines, nextSection } from '../../print/print-change.ts'
import { type CommonOptions, type Session, withSession } from '../../session/session.ts'

export function registerChangeApprove(registry: Registry, command: Command): void {
  addAction<[string], CommonOptions & { reason?: string; commit?: string }>(registry, command, ([change], options) =>
    withSession(registry.environment, options, async (session) => {
      const { print, style, columns, folder } = session
      const detail = await approve(session, change, {
        reason: options.reason ?? null,
        commit: options.commit ?? null,
      })
      await print(
        detail,
        () =>
          `${[...changeLines(detail, { style, columns, command: folder.command }), ...nextSection(changeCommands(detail, folder.command, null), style)].join('\n')}\n`,
      )
      return 0
    }),
  )
    .option('--reason <text>', 'why')
    .option('--commit <id>', 'the commit that you read, or its first digits')
}

/** Adds a cure to the most frequent refusal: the requester of a run may not approve its change. */
async function approve(session: Session, change: string, body: Decide): Promise<ChangeDetail> {
  try {
    return await session.client.approveChange({ params: { change }, body })
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'refused') throw error
    const obstacle = await approvalObstacle(session, await session.client.getChange({ params: { change } }))
    if (obstacle === null) throw error
    throw new ProblemError({ code: error.code, message: error.message, cure: obstacle, details: [...error.details] })
  }
}
