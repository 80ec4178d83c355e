// glovebox runs show
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { writeRunPage } from '../../html/write-run-page.ts'
import { renderRunSummary } from '../../print/print-run-summary.ts'
import { printRun } from '../../print/print-run.ts'
import { collectRunSummary, runJson } from '../../print/run-summary.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

export function registerRunsShow(registry: Registry, command: Command): void {
  addAction<[string], CommonOptions & { html?: string }>(registry, command, ([run], options) =>
    withSession(registry.environment, options, async (session) => {
      const summary = await collectRunSummary(session.client, run)
      const { steps, refused, failures, coverage, artifacts } = summary
      const json = { ...runJson(summary), steps, refused, failures, coverage, artifacts }
      await printRun(session, summary, { json, form: renderRunSummary })
      if (options.html !== undefined) await writeRunPage(session, summary, options.html)
      return 0
    }),
  ).option('--html <file>', 'also write one self-contained page about the run, to send')
}
