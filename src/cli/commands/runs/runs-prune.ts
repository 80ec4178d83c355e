// glovebox runs prune
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import type { Pruning } from '../../../contract/retention.ts'
import { formatBytes } from '../../../domain/format-bytes.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { UsageError } from '../../cli-error.ts'
import { openKeyboard } from '../../session/keyboard.ts'
import { type CommonOptions, type Session, withSession } from '../../session/session.ts'
import { countOf, formatTime } from '../../text/quantities.ts'
import { alignColumns } from '../../text/table.ts'

interface Options extends CommonOptions {
  olderThan: number
  keep?: number
  yes?: boolean
}

/** Most runs that a person is shown. */
const SHOWN = 20
const DAY_MS = 24 * 60 * 60 * 1000
const UNITS = { d: DAY_MS, w: 7 * DAY_MS } as const

export function registerRunsPrune(registry: Registry, command: Command): void {
  addAction<[], Options>(registry, command, (_, options) =>
    withSession(registry.environment, options, (session) => prune(session, options)),
  )
    .requiredOption('--older-than <age>', 'only runs that ended at least so long ago: 30d or 8w', parseAge)
    .option('--keep <n>', 'the newest runs, which keep their contents in any case', parseCount)
    .option('--yes', 'remove without a question')
}

async function prune(session: Session, { olderThan, keep = 0, yes = false }: Options): Promise<number> {
  const { client, environment, json, print } = session
  const before = Date.now() - olderThan
  if (!yes) {
    const preview = await client.previewPruning({ query: { before, keep } })
    await print(preview, () => `${lines(preview, 'Would remove').join('\n')}\n`)
    if (preview.runs.length === 0) return EXIT.done
    using keyboard = json ? null : openKeyboard(environment)
    if (keyboard === null) throw new UsageError('Nothing was removed; add --yes to remove it')
    const answer = await keyboard.key('Remove this for good?', ['n', 'y'])
    if (answer !== 'y') {
      session.note('Nothing was removed.')
      return answer === null ? EXIT.interrupted : EXIT.done
    }
  }
  const removed = await client.pruneRuns({ body: { before, keep } })
  await print(removed, () => `${lines(removed, 'Removed').join('\n')}\n`)
  return EXIT.done
}

function lines({ runs, blobs, bytes, openChanges }: Pruning, verb: string): string[] {
  const rows = runs
    .slice(0, SHOWN)
    .map((row) => [
      row.run,
      formatTime(row.finishedAt),
      countOf(row.blobs, 'blob'),
      formatBytes(row.bytes),
      formatText(row.task, 60),
    ])
  return [
    runs.length === 0
      ? 'There is nothing to remove.'
      : `${verb} the contents of ${countOf(runs.length, 'run')}: ${countOf(blobs, 'blob')}, ${formatBytes(bytes)}. Events, requests and plans stay.`,
    ...alignColumns(rows).map((row) => `  ${row}`),
    ...(runs.length > SHOWN ? [`  and ${countOf(runs.length - SHOWN, 'more run', 'more runs')}`] : []),
    ...(openChanges.length === 0
      ? []
      : [`Kept for ${countOf(openChanges.length, 'open change')}: ${openChanges.slice(0, SHOWN).join(', ')}`]),
  ]
}

function parseAge(text: string): number {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,4})([dw])$/.exec(text) ?? []
  if (amount === '') throw new InvalidArgumentError('It is a number of days or weeks, such as 30d or 8w.')
  return Number(amount) * UNITS[unit as keyof typeof UNITS]
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a number from 0 on.')
  return Number(text)
}
