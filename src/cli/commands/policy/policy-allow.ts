// glovebox policy allow
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readConfig, type Config } from '../../../config/config.ts'
import { searchPath } from '../../../config/env.ts'
import { PROJECT_FOLDERS } from '../../../config/project-folders.ts'
import { EXIT } from '../../../contract/problem.ts'
import { examineDataFolder } from '../../../data-folder/open-data-folder.ts'
import { printable } from '../../../domain/byte-text.ts'
import { loadPolicies } from '../../../policy/load-policies.ts'
import { type HostPermit, PERMIT_METHODS, permitHost, type PermitMethod } from '../../../policy/permit-host.ts'
import { ServiceError } from '../../../services/types.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { openQuestions } from '../../init/questions.ts'
import { planPolicyFile, writePolicyFile } from '../../policies/policy-file.ts'
import { type CommonOptions, openOutput } from '../../session/session.ts'

interface Options extends CommonOptions {
  task: string
  method?: PermitMethod[]
  http?: boolean
  repo?: string
  yes?: boolean
}

const AFTER = `
It prints the policy in full, asks, and writes it into the first folder of \`policies.folders\` in glovebox.yaml, or makes one.
The policy engine has checked before that it permits these methods on this host, port and task, and nothing beside them.
Forbids still win. It is a file of yours, not a request to a server: nothing in a sandbox can ask for it.

Example:
  glovebox policy allow example.com --task fetch-data`

const HOST = /^(?!.*\.\.)([a-z0-9][a-z0-9.-]*\.[a-z0-9-]*[a-z])(?::([1-9]\d{0,4}))?$/
const TASK = /^[a-z][a-z0-9-]{0,62}$/
/** No control character, no line break, nothing that looks like something else. */
const VISIBLE = /^[\x20-\x7e]{1,1000}$/

export function registerPolicyAllow(registry: Registry, command: Command): void {
  addAction<[string], Options>(registry, command, ([host], options) => policyAllow(registry, host, options))
    .requiredOption('--task <name>', 'runs of this task; `command` and `prompt` are those without a task', parseTask)
    .addOption(new Option('--method <method...>', 'HTTP methods (default: GET and HEAD)').choices(PERMIT_METHODS))
    .option('--http', 'plain http, at port 80 unless the host names another')
    .option('--repo <path|url>', 'only runs on this repository')
    .option('--yes', 'write it without asking')
    .addHelpText('after', AFTER)
}

async function policyAllow({ environment }: Registry, given: string, options: Options): Promise<number> {
  const { env, cwd } = environment
  if (options.as !== undefined) throw new UsageError('A service writes no policies: leave out --as')
  const permit = permitOf(given, options, cwd)
  const { folder, print, json } = openOutput(environment, options)
  if ((await examineDataFolder(folder.path, { searchPath: searchPath(env) })) !== 'ours')
    throw new UsageError(`${folder.path} is no data folder yet: \`glovebox init\` makes it`)
  const config = readConfig({ env, cwd, dataFolder: folder.path, flags: {}, presetAgents: null })
  refuseReachable(permit, config)
  const { enable, folders } = config.policies
  const answer = permitHost(
    permit,
    loadPolicies({ builtInFolder: PROJECT_FOLDERS.policies, extraFolders: folders, enable }),
  )
  if (answer.kind === 'already')
    throw new UsageError(`${permit.host} is allowed already, by policy ${answer.by.join(', ')}`)
  if (answer.kind === 'forbidden')
    throw new ServiceError('refused', `policy ${answer.by.join(', ')} forbids it, and a forbid wins over every permit`)
  const plan = await planPolicyFile(answer.id, { configFile: config.configFile, folders })
  const review = [
    `# ${printable(plan.file)}`,
    answer.text,
    ...(plan.configuration === null ? [] : [`# ${printable(config.configFile)}`, plan.configuration]),
  ].join('\n')
  if (options.yes !== true) {
    using questions = openQuestions(environment)
    if (questions === null) throw new UsageError('There is no terminal to ask on: add --yes to write it without asking')
    environment.stderr.write(`${review}\n`)
    const yes = await questions.ask('Write it (yes/no)', 'no', (text) => text.toLowerCase() === 'yes')
    if (!yes) throw new UsageError('Nothing was written')
  }
  await writePolicyFile(plan, answer.text, config.configFile)
  await print({ id: answer.id, file: plan.file, text: answer.text }, () =>
    [
      ...(options.yes === true && !json ? [review] : []),
      `Written. A \`glovebox serve\` that is running reads it when it starts again.`,
      '',
    ].join('\n'),
  )
  return EXIT.done
}

function permitOf(given: string, { task, method, http, repo }: Options, cwd: string): HostPermit {
  const [, host, port] = HOST.exec(given) ?? []
  if (host === undefined || host.length > 253 || Number(port ?? 1) > 65_535)
    throw new UsageError(
      `"${given}" is not a host, such as example.com or example.com:8443, in lower case and without a path`,
    )
  const scheme = http === true ? 'http' : 'https'
  const repository =
    repo === undefined
      ? null
      : /^[a-z][a-z0-9+.-]*:\/\//.test(repo) && !existsSync(resolve(cwd, repo))
        ? repo
        : resolve(cwd, repo)
  if (repository !== null && !VISIBLE.test(repository))
    throw new UsageError('--repo may only have visible ASCII characters')
  return {
    task,
    scheme,
    host,
    port: port === undefined ? (scheme === 'http' ? 80 : 443) : Number(port),
    methods: method ?? ['GET', 'HEAD'],
    repository,
  }
}

/** A name of `reach` decides more strictly: it knows which paths of a registry or of a git host are safe. */
function refuseReachable({ host, task }: HostPermit, { reach, hostEnvironment }: Config): void {
  const names = Object.entries(reach).flatMap(([name, { git, read }]) =>
    [...git, ...read].includes(host) ? [name] : [],
  )
  if (isRegistry(host, hostEnvironment)) names.unshift('npm')
  const [name] = names
  if (name === undefined) return
  throw new UsageError(
    `${host} has a name: write \`reach: [${name}]\` into the task ${task}, or add \`--reach ${name}\` to a command or prompt`,
  )
}

/** Looks only at npm's variables: reading its files would mean to start npm. */
function isRegistry(host: string, environment: Readonly<Record<string, string>>): boolean {
  return Object.entries(environment).some(
    ([name, value]) => /^npm_config_.*registry$/i.test(name) && URL.parse(value)?.hostname === host,
  )
}

function parseTask(text: string): string {
  if (!TASK.test(text)) throw new InvalidArgumentError('It is the name of a task.')
  return text
}
