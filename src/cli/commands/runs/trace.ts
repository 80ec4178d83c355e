// glovebox trace
import { type Command, Option } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import { EVENT_KINDS, type EventKind } from '../../../domain/event.ts'
import { FINISHED } from '../../../domain/run.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { eventLine } from '../../print/event-line.ts'
import { jsonText } from '../../text/json-text.ts'
import { parseLimit } from '../../arguments/parse-limit.ts'
import { saidDidLines } from '../../print/print-said-did.ts'
import { type CommonOptions, type Session, withSession } from '../../session/session.ts'
import { writeLine } from '../../text/write.ts'

interface Options extends CommonOptions {
  kind?: EventKind[]
  follow?: boolean
  saidDid?: boolean
  limit?: number
}

export function registerTrace(registry: Registry, command: Command): void {
  addAction<[string], Options>(registry, command, ([run], options) =>
    withSession(registry.environment, options, (session) => trace(session, run, options)),
  )
    .addOption(new Option('--kind <kind...>', 'only events of these kinds').choices(EVENT_KINDS))
    .option('--follow', 'continue until the run is finished')
    .addOption(
      new Option('--said-did', "compare agents' claims with the observed actions (with --json: one object)").conflicts([
        'kind',
        'follow',
      ]),
    )
    .addOption(new Option('--limit <n>', 'with --said-did: the maximum number of rows of a kind').argParser(parseLimit))
}

async function trace(session: Session, reference: string, options: Options): Promise<number> {
  const { client, environment, json, style } = session
  if (options.saidDid === true) return saidDid(session, reference, options.limit)
  const { run } = await client.getRun({ params: { run: reference } })
  // A finished run is not followed: its trace also has later events, such as decisions, and following would stop before
  // them.
  const follow = (options.follow ?? false) && !FINISHED.includes(run.status)
  const query = { ...(follow ? { follow } : {}), ...(options.kind ? { kind: options.kind } : {}) }
  for await (const event of await client.readEvents({
    params: { run: run.id },
    query,
    signal: environment.interrupted,
  })) {
    await writeLine(environment.stdout, json ? jsonText(event) : eventLine(event, run.createdAt, style))
  }
  return environment.interrupted.aborted ? EXIT.interrupted : EXIT.done
}

async function saidDid(session: Session, run: string, limit: number | undefined): Promise<number> {
  const { client, print, style, columns } = session
  const compared = await client.readSaidDid({ params: { run }, query: limit === undefined ? {} : { limit } })
  await print(compared, () => `${saidDidLines(compared, style, columns).join('\n')}\n`)
  return EXIT.done
}
