// glovebox runs show
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { renderRunSummary } from '../../print/print-run-summary.ts'
import { printRun } from '../../print/print-run.ts'
import { collectRunSummary, runJson } from '../../print/run-summary.ts'
import { withSession } from '../../session/session.ts'

export function registerRunsShow(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([run], options) =>
    withSession(registry.environment, options, async (session) => {
      const summary = await collectRunSummary(session.client, run)
      const { steps, refused, failures, coverage, artifacts } = summary
      const json = { ...runJson(summary), steps, refused, failures, coverage, artifacts }
      await printRun(session, summary, { json, form: renderRunSummary })
      return 0
    }),
  )
}
