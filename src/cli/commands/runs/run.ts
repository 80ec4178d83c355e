// glovebox run
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import type { StartRun } from '../../../contract/resources.ts'
import type { Work } from '../../../domain/run-request.ts'
import { Mode } from '../../../domain/events/fields.ts'
import { addCommand, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { exitCodeOfRun } from '../../exit-codes.ts'
import { followRun } from '../../progress/follow-run.ts'
import { printRun } from '../../print/print-run.ts'
import { collectRunSummary, runJson } from '../../print/run-summary.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

interface RunOptions extends CommonOptions {
  repo: string
  ref?: string
  input?: Record<string, string>
  mode?: Mode
  sandbox?: string
  advisories?: string
  agent?: string
  connection?: string
  model?: string
}

export function registerRun(registry: Registry): void {
  const { environment, literal } = registry
  addCommand<[string | undefined], RunOptions>(registry, {
    parent: registry.program,
    usage: 'run [task]',
    summary: 'run a task, or one command, on a repository in a sandbox',
    action: ([task], options) => run(registry, startRequest(task, literal, options, environment.cwd), options),
  })
    .usage('TASK --repo PATH|URL [options]\n       glovebox run --repo PATH|URL [options] -- COMMAND [ARGUMENT...]')
    .requiredOption('--repo <path|url>', 'the repository to work on')
    .option('--ref <ref>', 'the branch, tag or commit id to work on (default: the default branch)')
    .option('--input <name=value>', 'an input of the task; may be repeated', addInput)
    .addOption(
      new Option(
        '--mode <mode>',
        'what the run may do (default: the mode of the task; read-only for a command)',
      ).choices(Mode.options),
    )
    .option('--sandbox <kind>', 'kind of sandbox (default: as configured, else bubblewrap)')
    .option('--agent <name>', 'the agent for `agent: default` steps (default: as configured, else built-in)')
    .option('--connection <name>', 'the model connection that agents use (default: as configured, else the only one)')
    .option('--model <id>', 'the model that agents use (default: as configured, else the first of the connection)')
    .option('--advisories <dir>', 'a folder of OSV records that answers audits')
}

function run(registry: Registry, request: StartRun, options: RunOptions): Promise<number> {
  return withSession(registry.environment, { ...options, listen: true }, async (session) => {
    const started = await session.client.startRun({ body: request })
    const wasInterrupted = await followRun(session, started)
    const summary = await collectRunSummary(session.client, started.id)
    if (summary.run.status === 'invalid' && !session.json)
      throw new UsageError(summary.run.reason ?? 'The run is invalid')
    await printRun(session, summary, runJson(summary))
    return wasInterrupted ? EXIT.interrupted : exitCodeOfRun(summary.run.status)
  })
}

export function startRequest(
  task: string | undefined,
  literal: readonly string[] | null,
  options: RunOptions,
  cwd: string,
): StartRun {
  return {
    work: chooseWork(task, literal, options.input ?? {}),
    repository: repositoryOf(options.repo, cwd),
    ref: options.ref ?? null,
    mode: options.mode ?? null,
    sandbox: options.sandbox ?? null,
    advisories: options.advisories === undefined ? null : resolve(cwd, options.advisories),
    agent: { name: options.agent ?? null, connection: options.connection ?? null, model: options.model ?? null },
    trigger: 'manual',
    idempotencyKey: null,
  }
}

function chooseWork(task: string | undefined, literal: readonly string[] | null, inputs: Record<string, string>): Work {
  if (literal === null) {
    if (task === undefined)
      throw new UsageError('Name a task, or give a command after `--`; `glovebox task list` shows the tasks')
    return { kind: 'task', name: task, inputs }
  }
  if (task !== undefined)
    throw new UsageError(`Give a task or a command, not both: there is a task "${task}" before \`--\``)
  if (literal.length === 0) throw new UsageError('The command after `--` is missing')
  if (Object.keys(inputs).length > 0) throw new UsageError('A command takes no --input; only tasks have inputs')
  return { kind: 'command', argv: [...literal] }
}

/** Makes a path absolute here, because the server may have another working folder. */
function repositoryOf(text: string, cwd: string): string {
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
