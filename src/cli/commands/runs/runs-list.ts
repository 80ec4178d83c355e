// glovebox runs list
import { type Command, Option } from 'commander'
import { RunStatus } from '../../../domain/events/fields.ts'
import { shortId } from '../../../domain/ids.ts'
import type { Run } from '../../../domain/run.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { parseLimit } from '../../arguments/parse-limit.ts'
import { formatDuration, formatTime } from '../../text/quantities.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'
import { spellCommands } from '../../session/suggest-command.ts'
import { alignColumns } from '../../text/table.ts'

interface Options extends CommonOptions {
  status?: RunStatus[]
  limit: number
}

const NONE = 'There is no run yet. `glovebox task list` shows the tasks.\n'

export function registerRunsList(registry: Registry, command: Command): void {
  addAction<[], Options>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print }) => {
      const { runs } = await client.listRuns({
        query: { limit: options.limit, ...(options.status ? { status: options.status } : {}) },
      })
      await print(runs, () => (runs.length === 0 ? spellCommands(NONE, registry.environment.env) : runTable(runs)))
      return 0
    }),
  )
    .addOption(new Option('--status <status...>', 'only runs with one of these statuses').choices(RunStatus.options))
    .option('--limit <n>', 'the maximum number of runs', parseLimit, 20)
}

function runTable(runs: readonly Run[]): string {
  const rows = runs.map((run) => [
    shortId(run.id),
    run.status,
    formatTime(run.createdAt),
    run.startedAt !== null && run.finishedAt !== null ? formatDuration(run.finishedAt - run.startedAt) : '-',
    formatText(run.task, 40),
    formatText(run.requester.id, 40),
    formatText(run.repository, 100),
  ])
  return `${alignColumns([['RUN', 'STATUS', 'ASKED FOR', 'TOOK', 'TASK', 'BY', 'REPOSITORY'], ...rows]).join('\n')}\n`
}
