// glovebox trace
import { Option } from 'commander'
import { EXIT } from '../../contract/problem.ts'
import { EVENT_KINDS, type EventKind } from '../../domain/event.ts'
import { FINISHED } from '../../domain/run.ts'
import { addCommand, type Registry } from '../add-command.ts'
import { eventLine } from '../event-line.ts'
import { jsonText } from '../json-text.ts'
import { type CommonOptions, type Session, withSession } from '../session.ts'
import { writeLine } from '../write.ts'

interface Options extends CommonOptions {
  kind?: EventKind[]
  follow?: boolean
}

export function registerTrace(registry: Registry): void {
  addCommand<[string], Options>(registry, {
    parent: registry.program,
    usage: 'trace <run>',
    summary: 'print what happened in a run, one event a line (with --json: JSON Lines)',
    action: ([run], options) => withSession(registry.environment, options, (session) => trace(session, run, options)),
  })
    .addOption(new Option('--kind <kind...>', 'only events of these kinds').choices(EVENT_KINDS))
    .option('--follow', 'go on until the run is finished')
}

async function trace(session: Session, reference: string, options: Options): Promise<number> {
  const { client, environment, json, style } = session
  const { run } = await client.getRun({ params: { run: reference } })
  // What came after the end of a finished run, such as a decision, is part of its trace and would not be waited for.
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
