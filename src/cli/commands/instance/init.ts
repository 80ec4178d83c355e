// glovebox init
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { searchPath } from '../../../config/env.ts'
import { openDataFolder } from '../../../data-folder/open-data-folder.ts'
import { printable } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { readSecret } from '../../arguments/read-secret.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { UsageError } from '../../cli-error.ts'
import { type Answers, AUDIENCES, findAnswers, type InitOptions, MODELS } from '../../init/answers.ts'
import { configurationText } from '../../init/configuration-text.ts'
import { chooseFirstTask, type FirstTask, readSmall, writeFirstTask, writeNew } from '../../init/first-task.ts'
import { nextSection } from '../../print/print-change.ts'
import { chooseDataFolder } from '../../session/data-folder.ts'
import { type CommonOptions, openOutput, withSession } from '../../session/session.ts'
import { shellWord, type SuggestCommand } from '../../session/suggest-command.ts'

type Options = CommonOptions & InitOptions

const CONFIGURATION = 'glovebox.yaml'

const AFTER = `
On a terminal it asks for what the options leave open. It overwrites nothing and may be repeated.

--for me      you may approve changes of your own runs (policy solo), and the record says so
--for team    whoever asked for a run can't approve its change; the default with --yes

Examples:
  glovebox init
  glovebox init --yes --for me
  glovebox init --yes --for me --model anthropic --key-variable ANTHROPIC_API_KEY`

export function registerInit(registry: Registry, command: Command): void {
  addAction<[], Options>(registry, command, (_, options) => init(registry.environment, options))
    .option('--yes', 'ask nothing: take the default for whatever no option says')
    .addOption(new Option('--for <whom>', 'who works with this data folder').choices(AUDIENCES))
    .addOption(new Option('--model <provider>', 'the model that agents use').choices(MODELS))
    .option('--model-id <id>', "the provider's name of the model (default: depends on the provider)")
    .option('--url <url>', 'base URL of the provider (default: depends on the provider)')
    .option('--key-variable <name>', 'read the key of the model from this environment variable, at each use')
    .option('--key-file <file>', 'put the key of the model into the encrypted store, from this file')
    .addHelpText('after', AFTER)
}

async function init(environment: CliEnvironment, options: Options): Promise<number> {
  const { env, cwd } = environment
  const given = chooseDataFolder(options.data, env, cwd)
  const asksForNothing = options.for === undefined && options.model === undefined
  // With a configuration there is nothing to ask: it is kept.
  const kept = asksForNothing ? await readSmall(join(given.path, CONFIGURATION)) : null
  const answers = kept === null ? await findAnswers(environment, options, given) : null
  const chosen: CommonOptions = { ...options, ...(answers?.data === undefined ? {} : { data: answers.data }) }
  const { folder, print, style } = openOutput(environment, chosen)
  const configFile = join(folder.path, CONFIGURATION)
  const text = answers === null ? kept! : configurationText(answers.audience, answers.model)
  const found = await readSmall(configFile)
  if (found !== null && found !== text)
    throw new UsageError(
      `${configFile} exists and says something else: change it with an editor, or name another --data`,
    )
  const task = await chooseFirstTask(cwd)
  // Read before anything is made, so that a cancelled input leaves nothing behind.
  const key = answers === null ? null : await readKey(environment, options, answers)

  await openDataFolder(folder.path, { searchPath: searchPath(env) })
  const files = [{ path: configFile, made: await writeNew(configFile, text, 0o600) }]
  if (task !== null) files.push({ path: task.file, made: await writeFirstTask(task) })
  if (key !== null) await storeKey(environment, chosen, key)

  const missingKey = answers?.model?.key.from === 'stored' && key === null ? answers.model.provider : null
  const next = [
    ...(missingKey === null ? [] : [folder.command(`credential set ${missingKey}`)]),
    ...nextCommands(task, folder.command, cwd),
  ]
  await print({ dataFolder: folder.path, files, storedKey: key?.name ?? null, next }, () => {
    const lines = [
      `The data folder is ${printable(folder.path)}`,
      ...files.map(({ path, made }) => `${made ? 'Made' : 'Kept'} ${printable(path)}`),
      ...(key === null ? [] : [`Stored the key of ${key.name}, encrypted`]),
      ...(task === null ? ['No task file was made, because this folder is not in a git repository'] : []),
    ]
    return `${[...lines, ...nextSection(next, style)].join('\n')}\n`
  })
  return 0
}

function nextCommands(task: FirstTask | null, command: SuggestCommand, cwd: string): string[] {
  if (task === null)
    return [command('doctor'), command('task list'), command('run explain-security-posture --repo PATH')]
  const { repository, file, name } = task
  const git = repository === cwd ? 'git' : `git -C ${shellWord(printable(repository))}`
  const commit = `${git} commit -m 'Add the task ${name}'`
  return [
    command('doctor'),
    `${git} add ${shellWord(printable(file))} && ${commit}`,
    command(`run ${name} --repo ${repository === cwd ? '.' : shellWord(printable(repository))}`),
  ]
}

interface Key {
  name: string
  value: string
}

async function readKey(environment: CliEnvironment, { keyFile }: Options, answers: Answers): Promise<Key | null> {
  if (answers.model === null || (keyFile === undefined && !answers.typesKey)) return null
  const name = answers.model.provider
  return { name, value: await readSecret(environment, name, keyFile ?? null) }
}

async function storeKey(environment: CliEnvironment, options: CommonOptions, { name, value }: Key): Promise<void> {
  await withSession(environment, options, async ({ client }) => {
    await client.setCredential({ params: { credential: name }, body: { value } })
    return 0
  })
}
