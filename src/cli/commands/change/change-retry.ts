// glovebox change retry
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { UsageError } from '../../cli-error.ts'
import { conductRun, leaveRun, needServer } from '../../progress/conduct-run.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'
import { readAll } from '../../text/write.ts'

interface Options extends CommonOptions {
  comment?: string
  detach?: boolean
}

/** More than the server accepts, so that the server's message names its limit. */
const MAX_BYTES = 128 * 1024

const AFTER_RETRY = `
Whoever asks for another attempt counts as a requester of the change, and can't approve it. Approvals and rejections of
the earlier commit don't count for the new one. Comments also reach command steps: GLOVEBOX_REVIEW names a file with them.`

export function registerChangeRetry(registry: Registry, command: Command): void {
  const { environment } = registry
  addAction<[string], Options>(registry, command, async ([change], { comment: given, detach = false, ...options }) => {
    const comment = given === '-' ? await standardInput(environment) : (given ?? null)
    return withSession(environment, { ...options, listen: !detach }, async (session) => {
      if (detach) needServer(session)
      const started = await session.client.retryChange({ params: { change }, body: { comment } })
      return detach ? leaveRun(session, started) : conductRun(session, started)
    })
  })
    .option(
      '--comment <text>',
      'what should be better, in addition to the reasons of rejections of the current commit; `-` reads standard input',
    )
    .option('--detach', 'leave the run to a running `glovebox serve`, and print how to follow it')
    .addHelpText('after', AFTER_RETRY)
}

async function standardInput(environment: CliEnvironment): Promise<string> {
  const { bytes, whole } = await readAll(environment.stdin(), MAX_BYTES)
  if (!whole) throw new UsageError(`The comment is too long: over ${MAX_BYTES} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError('The comment is not UTF-8 text')
  }
}
