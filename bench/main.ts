// The benchmarks: ratios that mean the same on every machine, because both sides of a pair run there in turns.
import { BenchError } from './bench-error.ts'
import { readOptions, USAGE } from './options.ts'
import { tableOf } from './print-table.ts'
import type { NamedSummary } from './print-table.ts'
import type { Row, RowGroup } from './row.ts'
import { CLI } from './rows/cli.ts'
import { GATEWAY } from './rows/gateway.ts'
import { MODEL } from './rows/model.ts'
import { RECORD } from './rows/record.ts'
import { START, START_DOCKER, STEP } from './rows/start.ts'
import { STORE } from './rows/store.ts'
import { STRACE_ROWS } from './rows/strace.ts'
import { openWorkbench } from './workbench.ts'
import type { Workbench } from './workbench.ts'

const GROUPS: readonly RowGroup[] = [
  START,
  START_DOCKER,
  STEP,
  ...RECORD,
  GATEWAY,
  MODEL,
  STORE,
  ...CLI,
  ...STRACE_ROWS,
]
const EXIT = { unavailable: 4, usage: 2, busy: 4, failed: 1 } as const satisfies Record<BenchError['code'], number>

interface Outcome {
  rows: NamedSummary[]
  failed: boolean
}

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new BenchError('failed', `stopped by ${signal}`)))
}
try {
  process.exitCode = await bench(process.argv.slice(2), interrupted.signal)
} catch (error) {
  say(messageOf(interrupted.signal.aborted ? interrupted.signal.reason : error))
  process.exitCode = error instanceof BenchError ? EXIT[error.code] : 1
}

async function bench(args: string[], signal: AbortSignal): Promise<number> {
  const options = readOptions(args)
  if (options.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const groups = GROUPS.filter(({ rows }) => rows.some(({ name }) => options.only.test(name)))
  if (groups.length === 0) throw new BenchError('usage', `no row matches; rows: ${GROUPS.flatMap(namesOf).join(', ')}`)
  const { rows, failed } = await measureAll(groups, options.pairs, signal)
  const wanted = rows.filter(({ name }) => options.only.test(name))
  process.stdout.write(options.json ? `${JSON.stringify({ rows: wanted.map(rowOf) })}\n` : tableOf(wanted))
  return failed ? 1 : 0
}

async function measureAll(groups: readonly RowGroup[], pairs: number, signal: AbortSignal): Promise<Outcome> {
  await using workbench = await openWorkbench(signal)
  const outcome: Outcome = { rows: [], failed: false }
  for (const group of groups) await measureGroup(group, workbench, pairs, outcome)
  return outcome
}

/** Measures one group. A failure or a missing program removes only its own rows. */
async function measureGroup(group: RowGroup, workbench: Workbench, pairs: number, outcome: Outcome): Promise<void> {
  const names = namesOf(group).join(', ')
  say(names)
  try {
    const summaries = await group.measure(workbench, pairs)
    group.rows.forEach((head, index) => outcome.rows.push({ ...head, ...(summaries[index] as NamedSummary) }))
  } catch (error) {
    workbench.signal.throwIfAborted()
    const skipped = error instanceof BenchError && error.code === 'unavailable'
    say(`${names} ${skipped ? 'skipped' : 'failed'}: ${messageOf(error)}`)
    outcome.failed ||= !skipped
  }
}

function namesOf({ rows }: RowGroup): string[] {
  return rows.map(({ name }) => name)
}

function rowOf({ name, unit, median, min, max, n }: NamedSummary): Row {
  return { name, unit, median, min, max, n }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`)
}
