// Registration of a command with the common options --json, --data and --as, and an action that returns an exit code.
import type { Command } from 'commander'
import type { CommonOptions } from './session/session.ts'
import type { CliEnvironment } from './cli-environment.ts'

/** Target of command registrations and of the exit code. */
export interface Registry {
  readonly program: Command
  readonly environment: CliEnvironment
  /** The words after `--`; null if there was no `--`. */
  readonly literal: readonly string[] | null
  finish(code: number): void
}

type Words = readonly (string | undefined)[]

export interface CommandSpec<A extends Words, O> {
  parent: Command
  /** Name and arguments as commander writes them: `show <run>`. */
  usage: string
  summary: string
  /** Whether the parent runs it when no command is given. */
  isDefault?: boolean
  /** false: its output has no JSON form. */
  json?: boolean
  action: (args: A, options: O & CommonOptions) => Promise<number>
}

export function addCommand<A extends Words, O extends object = object>(
  registry: Registry,
  spec: CommandSpec<A, O>,
): Command {
  const command = spec.parent
    .command(spec.usage, { isDefault: spec.isDefault ?? false })
    .summary(spec.summary)
    .description(spec.summary)
  addCommonOptions(command, spec.json ?? true)
  return command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2) as unknown as A
    const options = { ...registry.program.opts(), ...command.opts() } as O & CommonOptions
    registry.finish(await spec.action(args, options))
  })
}

export function addCommonOptions(command: Command, json: boolean): void {
  if (json) command.option('--json', 'print JSON')
  command.option('--data <dir>', 'data folder (default: GLOVEBOX_DATA, or ~/.local/state/glovebox)')
  command.option('--as <service:NAME>', 'act as a service that the configuration declares')
}

/** Adds a group of commands, such as `change`. */
export function addGroup(registry: Registry, name: string, summary: string): Command {
  return registry.program.command(name).summary(summary).description(summary)
}
