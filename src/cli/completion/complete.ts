// Completion of a command line: the candidates for its last word. The shells' scripts call it as
// `glovebox __complete WORD...` (completion-script.ts).
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Argument, Command, Option } from 'commander'
import { PROJECT_FOLDERS } from '../../config/project-folders.ts'
import { searchPath } from '../../config/env.ts'
import { examineDataFolder } from '../../data-folder/open-data-folder.ts'
import type { CliEnvironment, NamedTable } from '../cli-environment.ts'
import { COMMANDS } from '../commands.ts'
import { buildProgram } from '../program.ts'
import { chooseDataFolder } from '../session/data-folder.ts'

/** Instead of candidates: the shell completes the names of files or folders. */
const FILES = ':files'
const FOLDERS = ':folders'

const OPTION_FILES: ReadonlyMap<string, string> = new Map([
  ['repo', FOLDERS],
  ['data', FOLDERS],
  ['advisories', FOLDERS],
  ['file', FILES],
  ['keyFile', FILES],
])

/** By the name of an argument, or by the group of commands where arguments share the name `name`. */
const TABLES: ReadonlyMap<string, NamedTable> = new Map([
  ['run', 'runs'],
  ['change', 'changes'],
  ['ask', 'asks'],
  ['connection name', 'connections'],
  ['credential name', 'credentials'],
])

interface Candidate {
  value: string
  description: string
}

/** Where the last word stands. */
interface Position {
  command: Command
  /** The option whose value it is. */
  option: Option | null
  /** Which argument of the command it is, from 0. */
  argument: number
  /** Of the options before it. */
  given: Readonly<Record<string, string>>
}

/** Prints a candidate and its description a line, with a tab between them. `words`: those up to the cursor. */
export async function printCompletions(words: readonly string[], environment: CliEnvironment): Promise<void> {
  const program = await buildProgram(words, environment, null, () => {})
  const candidates = await complete(program, words, environment).catch(() => [])
  for (const { value, description } of candidates) environment.stdout.write(`${value}\t${description}\n`)
}

async function complete(program: Command, words: readonly string[], environment: CliEnvironment): Promise<Candidate[]> {
  // After `--` comes a command of the sandbox, which this machine's programs say nothing about.
  if (words.slice(0, -1).includes('--')) return []
  const last = words.at(-1) ?? ''
  const position = locate(program, words.slice(0, -1))
  const [flag, prefix] = splitFlag(last)
  if (prefix !== null) {
    const option = findOption(program, position.command, flag)
    const values = option === null ? [] : optionValues(option)
    return values
      .filter(({ value }) => !value.startsWith(':') && value.startsWith(prefix))
      .map(({ value, description }) => ({ value: `${flag}=${value}`, description }))
  }
  const found =
    position.option === null
      ? last.startsWith('-')
        ? flagsOf(program, position.command)
        : [...commandsAt(position), ...(await argumentValues(position, environment))]
      : optionValues(position.option)
  return found.filter(({ value }) => value.startsWith(':') || value.startsWith(last))
}

function locate(program: Command, words: readonly string[]): Position {
  const given: Record<string, string> = {}
  let [command, option, argument]: [Command, Option | null, number] = [program, null, 0]
  for (const word of words) {
    if (option !== null && !(option.variadic && word.startsWith('-'))) {
      given[option.attributeName()] = word
      if (!option.variadic) option = null
    } else if (word.startsWith('-')) {
      const [flag, value] = splitFlag(word)
      const found = findOption(program, command, flag)
      if (found !== null && value !== null) given[found.attributeName()] = value
      option = found !== null && value === null && (found.required || found.optional) ? found : null
    } else {
      const sub = argument === 0 ? command.commands.find((one) => one.name() === word) : undefined
      if (sub === undefined) argument += 1
      else command = sub
    }
  }
  return { command, option, argument, given }
}

/** `--flag=value` in two; null without a value. */
function splitFlag(word: string): [flag: string, value: string | null] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)]
}

/** The command and, if it is a group, the one that it runs when none is named. */
function withDefault(command: Command): Command[] {
  const row = COMMANDS.find((one) => 'commands' in one && one.group === command.name())
  const usage =
    row !== undefined && 'commands' in row ? row.commands.find(({ isDefault }) => isDefault)?.usage : undefined
  const preset = command.commands.find((one) => one.name() === usage)
  return preset === undefined ? [command] : [command, preset]
}

function optionsOf(program: Command, command: Command): Option[] {
  return [program, ...withDefault(command)].flatMap((one) => one.options).filter(({ hidden }) => !hidden)
}

function findOption(program: Command, command: Command, flag: string): Option | null {
  return optionsOf(program, command).find((option) => [option.long, option.short].includes(flag)) ?? null
}

function flagsOf(program: Command, command: Command): Candidate[] {
  const flags = optionsOf(program, command).map(({ long, description }) => ({ value: long ?? '', description }))
  const all = [...flags, { value: '--help', description: 'show the usage' }]
  return all.filter(({ value }, index) => all.findIndex((one) => one.value === value) === index)
}

function commandsAt({ command, argument }: Position): Candidate[] {
  if (argument > 0) return []
  return command.commands.map((one) => ({ value: one.name(), description: one.summary() }))
}

function optionValues(option: Option): Candidate[] {
  if (option.argChoices !== undefined) return option.argChoices.map(plain)
  const files = OPTION_FILES.get(option.attributeName())
  return files === undefined ? [] : [plain(files)]
}

async function argumentValues(position: Position, environment: CliEnvironment): Promise<Candidate[]> {
  const { command, argument } = position
  const wanted: Argument | undefined = command.registeredArguments[argument]
  if (wanted === undefined) return []
  if (wanted.argChoices !== undefined) return wanted.argChoices.map(plain)
  const name = wanted.name()
  if (name === 'file') return [plain(FILES)]
  if (name === 'folder') return [plain(FOLDERS)]
  if (name === 'task') return taskNames(position, environment.cwd)
  const table = TABLES.get(name) ?? TABLES.get(`${command.parent?.name()} ${name}`)
  if (table === undefined) return []
  const names = (await namesIn(table, position, environment)).map(plain)
  return name === 'name' ? names : [{ value: 'latest', description: 'the newest' }, ...names]
}

/** Looks only at folders that Glovebox made: others may have come with a repository. */
async function namesIn(
  table: NamedTable,
  { given }: Position,
  environment: CliEnvironment,
): Promise<readonly string[]> {
  const { env, cwd } = environment
  const { path } = chooseDataFolder(given['data'], env, cwd)
  if ((await examineDataFolder(path, { searchPath: searchPath(env) })) !== 'ours') return []
  return environment.recentNames(path, table)
}

/** Built-in tasks; for `run` also those of the repository, whose names are checked because it may be a stranger's. */
function taskNames({ command, given }: Position, cwd: string): Candidate[] {
  const builtIn = tasksIn(PROJECT_FOLDERS.tasks)
  if (command.name() !== 'run') return builtIn.map(plain)
  const own = tasksIn(join(resolve(cwd, given['repo'] ?? '.'), '.glovebox/tasks'))
  return [...[...new Set([...builtIn, ...own])].map(plain), plain(FILES)]
}

function tasksIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => /^([a-z][a-z0-9-]{0,62})\.yaml$/.exec(file)?.[1] ?? [])
  } catch {
    return []
  }
}

function plain(value: string): Candidate {
  return { value, description: '' }
}
