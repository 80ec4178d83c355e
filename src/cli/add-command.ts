// Adds commands to the program, each with the common options --json, --data and --as, and an action that returns an exit
// code.
import type { Command } from 'commander'
import { suggestion } from '../domain/nearest-word.ts'
import { UsageError } from './cli-error.ts'
import type { CommonOptions } from './session/session.ts'
import type { CliEnvironment } from './cli-environment.ts'

/** What a command may use of the program that it belongs to. */
export interface Registry {
  readonly program: Command
  readonly environment: CliEnvironment
  /** The words after `--`; null if there was no `--`. */
  readonly literal: readonly string[] | null
  finish(code: number): void
}

export interface CommandRow {
  /** Name and arguments as commander writes them: `show <run>`. */
  usage: string
  summary: string
  /** Whether its group runs it when no command is given. */
  isDefault?: boolean
  /** false: its output has no JSON form. */
  json?: boolean
  /** Loads the function that gives the command its options and its action. */
  load: () => Promise<(registry: Registry, command: Command) => void>
}

/** Commands with a common first word, such as `change`. */
export interface GroupRow {
  group: string
  summary: string
  /** Text after its help. */
  after?: string
  commands: readonly CommandRow[]
}

/**
 * Adds all commands, and loads those whose names are among `words`. Commander knows commands by their exact names only,
 * so it never executes a command that was not loaded.
 */
export async function addCommands(
  registry: Registry,
  rows: readonly (CommandRow | GroupRow)[],
  words: ReadonlySet<string>,
): Promise<void> {
  for (const row of rows) {
    if ('commands' in row) await addGroup(registry, row, words)
    else await addCommand(registry, registry.program, row, words.has(nameOf(row)))
  }
}

async function addGroup(registry: Registry, row: GroupRow, words: ReadonlySet<string>): Promise<void> {
  const group = registry.program.command(row.group).summary(row.summary).description(row.summary)
  if (row.after !== undefined) group.addHelpText('after', row.after)
  const named = words.has(row.group)
  for (const command of row.commands)
    await addCommand(registry, group, command, named && (words.has(nameOf(command)) || command.isDefault === true))
}

async function addCommand(registry: Registry, parent: Command, row: CommandRow, isNamed: boolean): Promise<void> {
  const { usage, summary, isDefault = false, json = true, load } = row
  const command = parent.command(usage, { isDefault }).summary(summary).description(summary)
  addCommonOptions(command, json)
  if (isNamed) (await load())(registry, command)
  if (isDefault)
    command.allowExcessArguments().hook('preAction', (_, { args }) => refuseWords(parent, nameOf(row), args))
}

/** A group runs its default command, so a mistyped command of the group arrives as an argument of that. */
function refuseWords(group: Command, name: string, words: readonly string[]): void {
  const [first] = words
  if (first === undefined) return
  if (group.args[0] === name)
    throw new UsageError(`\`${group.name()} ${name}\` takes no arguments, but got: ${words.join(' ')}`)
  const known = group.commands.map((command) => command.name())
  throw new UsageError(`unknown command \`${group.name()} ${first}\``, suggestion(first, known))
}

function nameOf({ usage }: CommandRow): string {
  return usage.split(' ')[0] ?? usage
}

type Words = readonly (string | undefined)[]

export function addAction<A extends Words, O extends object = object>(
  registry: Registry,
  command: Command,
  action: (args: A, options: O & CommonOptions) => Promise<number>,
): Command {
  return command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2) as unknown as A
    const options = { ...registry.program.opts(), ...command.opts() } as O & CommonOptions
    registry.finish(await action(args, options))
  })
}

export function addCommonOptions(command: Command, json: boolean): void {
  if (json) command.option('--json', 'print JSON')
  command.option('--data <dir>', 'data folder (default: GLOVEBOX_DATA, or ~/.local/state/glovebox)')
  command.option('--as <service:NAME>', 'act as a service that the configuration declares')
}
