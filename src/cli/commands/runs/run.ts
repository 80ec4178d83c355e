// glovebox run
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { StartRun } from '../../../contract/resources.ts'
import { Mode } from '../../../domain/events/fields.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { chooseWork, type WorkOptions } from '../../arguments/choose-work.ts'
import { writeRunPage } from '../../html/write-run-page.ts'
import { conductRun, leaveRun, needServer } from '../../progress/conduct-run.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

interface RunOptions extends CommonOptions, WorkOptions {
  repo?: string
  ref?: string
  mode?: Mode
  sandbox?: string
  advisories?: string
  agent?: string
  connection?: string
  model?: string
  detach?: boolean
  html?: string
}

export function registerRun(registry: Registry, command: Command): void {
  addAction<[string | undefined], RunOptions>(registry, command, ([task], options) => run(registry, task, options))
    .usage(
      [
        'TASK|FILE --repo PATH|URL [options]',
        'glovebox run --prompt TEXT --repo PATH|URL [options]',
        'glovebox run --repo PATH|URL [options] -- COMMAND [ARGUMENT...]',
      ].join('\n       '),
    )
    .option('--repo <path|url>', 'the repository to work on; always needed')
    .option(
      '--ref <ref>',
      'the branch, tag or commit id to work on (default: the default branch; in a local repository the branch that is checked out)',
    )
    .option('--input <name=value>', 'an input of the task; may be repeated', addInput)
    .option('--prompt <text>', 'what an agent is asked, instead of a task')
    .option(
      '--reach <name>',
      'a destination that a command or prompt may reach, such as `npm`; may be repeated',
      addName,
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'what the run may do (default: the mode of the task; write for a prompt, read-only for a command)',
      ).choices(Mode.options),
    )
    .option('--sandbox <kind>', 'kind of sandbox (default: as configured, else bubblewrap)')
    .option(
      '--agent <name>',
      'the agent for `--prompt` and for `agent: default` steps (default: as configured, else built-in)',
    )
    .option('--connection <name>', 'the model connection that agents use (default: as configured, else the only one)')
    .option('--model <id>', 'the model that agents use (default: as configured, else the first of the connection)')
    .option('--advisories <dir>', 'a folder of OSV records that answers audits')
    .option('--html <file>', 'at the end, also write one self-contained page about the run, to send')
    .option('--detach', 'leave the run to a running `glovebox serve`, and print how to follow it')
}

async function run({ environment, literal }: Registry, task: string | undefined, options: RunOptions): Promise<number> {
  const { detach = false, html } = options
  if (detach && html !== undefined)
    throw new UsageError('--html needs the end of the run; use `glovebox runs show RUN --html FILE` then')
  const request = await startRequest(task, literal, options, environment.cwd)
  return withSession(environment, { ...options, listen: !detach, makesFolder: !detach }, async (session) => {
    if (detach) needServer(session)
    const started = await session.client.startRun({ body: request })
    if (detach) return leaveRun(session, started)
    return conductRun(session, started, async (summary) => {
      if (html !== undefined) await writeRunPage(session, summary, html)
    })
  })
}

async function startRequest(
  task: string | undefined,
  literal: readonly string[] | null,
  options: RunOptions,
  cwd: string,
): Promise<StartRun> {
  return {
    work: await chooseWork(task, literal, options, cwd),
    repository: repositoryOf(options.repo, cwd),
    ref: options.ref ?? null,
    mode: options.mode ?? null,
    sandbox: options.sandbox ?? null,
    advisories: options.advisories === undefined ? null : resolve(cwd, options.advisories),
    agent: { name: options.agent ?? null, connection: options.connection ?? null, model: options.model ?? null },
    trigger: 'manual',
    // So that the request may be sent again when the process that holds the data folder ends meanwhile.
    idempotencyKey: randomUUID(),
  }
}

/** Makes a path absolute here, because the server may have another working folder. */
function repositoryOf(text: string | undefined, cwd: string): string {
  if (text === undefined)
    throw new UsageError('--repo is missing', 'name the repository: --repo PATH or --repo URL; in its folder: --repo .')
  if (text === '') throw new UsageError('--repo needs a path or a URL')
  const path = resolve(cwd, text)
  const looksRemote = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/\s]+@[^/\s]+:/.test(text)
  return looksRemote && !existsSync(path) ? text : path
}

function addInput(text: string, inputs: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at <= 0) throw new UsageError(`--input takes name=value, not "${text}"`)
  const name = text.slice(0, at)
  if (Object.hasOwn(inputs, name)) throw new UsageError(`The input "${name}" is given twice`)
  return { ...inputs, [name]: text.slice(at + 1) }
}

function addName(text: string, names: string[] = []): string[] {
  return [...names, text]
}
