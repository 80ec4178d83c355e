// glovebox trace
import { type Command, Option } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import { EVENT_KINDS, type EventKind } from '../../../domain/event.ts'
import { FINISHED } from '../../../domain/run.ts'
import { nearestWord } from '../../../domain/nearest-word.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { jsonText } from '../../text/json-text.ts'
import { parseLimit } from '../../arguments/parse-limit.ts'
import { saidDidLines } from '../../print/print-said-did.ts'
import { readStepRefusals, type StepRefusals } from '../../print/said-did-overview.ts'
import { eventsBySteps, everyEvent } from '../../print/trace-lines.ts'
import { type PagerOptions, withPager } from '../../session/pager.ts'
import { type Session, withSession } from '../../session/session.ts'
import { writeLine } from '../../text/write.ts'

interface Options extends PagerOptions {
  kind?: EventKind[]
  step?: string
  grep?: string
  follow?: boolean
  all?: boolean
  saidDid?: boolean
  limit?: number
}

export function registerTrace(registry: Registry, command: Command): void {
  addAction<[string], Options>(registry, command, ([run], options) =>
    // What is still to come is followed line by line.
    withPager(registry.environment, options.follow === true ? { pager: false } : options, (environment) =>
      withSession(environment, options, (session) => trace(session, run, options)),
    ),
  )
    .option('--all', 'one line for each event, without headings of steps, also for reads of system files')
    .option(
      '--kind <kind...>',
      'only events of these kinds, such as `net.requested`, or `process` for all of a group (docs/events.md lists them)',
      parseKinds,
    )
    .option('--step <name>', 'only events while this step was at work')
    .option('--grep <text>', 'only events whose line contains this text')
    .option('--no-pager', 'print to the terminal itself, without a pager')
    .option('--follow', 'continue until the run is finished')
    .addOption(
      new Option('--said-did', "compare agents' claims with the observed actions (with --json: one object)").conflicts([
        'kind',
        'step',
        'grep',
        'follow',
        'all',
      ]),
    )
    .addOption(
      new Option('--limit <n>', 'the maximum number of events; with --said-did: of rows of a kind').argParser(
        parseLimit,
      ),
    )
}

async function trace(session: Session, reference: string, options: Options): Promise<number> {
  const { client, environment, json, style } = session
  if (options.saidDid === true) return saidDid(session, reference, options.limit)
  const { run } = await client.getRun({ params: { run: reference } })
  // A finished run is not followed: its trace also has later events, such as decisions, and following would stop before
  // them.
  const follow = (options.follow ?? false) && !FINISHED.includes(run.status)
  const { step, grep, limit = Infinity } = options
  // The ends of steps are needed to tell which events belong to one.
  const kinds = options.kind === undefined ? [] : step === undefined ? options.kind : [...options.kind, ...STEP_ENDS]
  const query = { ...(follow ? { follow } : {}), ...(kinds.length > 0 ? { kind: [...new Set(kinds)] } : {}) }
  let current: string | null = null
  // Whoever chooses events wants to see each of them.
  const isWhole = (options.all ?? false) || options.kind !== undefined || grep !== undefined
  const lines = (isWhole ? everyEvent : eventsBySteps)(run.createdAt, style)
  let shown = 0
  for await (const event of await client.readEvents({
    params: { run: run.id },
    query,
    signal: environment.interrupted,
  })) {
    if (shown >= limit) break
    if (event.kind === 'step.started') current = event.body.name
    const isWanted = options.kind?.includes(event.kind) ?? true
    const isOfStep = step === undefined || current === step
    if (event.kind === 'step.finished') current = null
    if (!isWanted || !isOfStep) continue
    const chosen = json ? [jsonText(event)] : lines.add(event)
    if (grep !== undefined && !chosen.some((line) => line.includes(grep))) continue
    shown++
    for (const line of chosen) await writeLine(environment.stdout, line)
  }
  for (const line of lines.end()) await writeLine(environment.stdout, line)
  return environment.interrupted.aborted ? EXIT.interrupted : EXIT.done
}

const STEP_ENDS: readonly EventKind[] = ['step.started', 'step.finished']

/** Kinds by their name, or by the first words of their names: `process` or `file`. */
function parseKinds(text: string, before: readonly EventKind[] = []): EventKind[] {
  const found = EVENT_KINDS.filter((kind) => kind === text || kind.startsWith(`${text.replace(/\.$/, '')}.`))
  if (found.length === 0) {
    const groups = [...new Set(EVENT_KINDS.map((kind) => kind.replace(/\..*/, '')))]
    const near = nearestWord(text, [...groups, ...EVENT_KINDS])
    const cure = near === null ? `groups of kinds: ${groups.join(', ')};` : `did you mean \`${near}\`?`
    throw new UsageError(`--kind can't be \`${text}\``, `${cure} --help shows the usage`)
  }
  return [...before, ...found]
}

async function saidDid(session: Session, run: string, limit: number | undefined): Promise<number> {
  const { client, print, style, columns } = session
  const compared = await client.readSaidDid({ params: { run }, query: limit === undefined ? {} : { limit } })
  // The JSON is the API's answer alone, which needs no second request.
  const refused: StepRefusals = session.json ? new Map() : await readStepRefusals(client, run)
  await print(compared, () => `${saidDidLines(compared, refused, style, columns).join('\n')}\n`)
  return EXIT.done
}
