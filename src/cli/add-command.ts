// A command with what all of them have: --json, --data, --as, and an action that gives an exit code.
import type { Command } from 'commander'
import type { CommonOptions } from './session/session.ts'
import type { CliEnvironment } from './cli-environment.ts'

/** Where commands are registered, and where their exit code goes. */
export interface Registry {
  readonly program: Command
  readonly environment: CliEnvironment
  /** What followed `--`, word by word; null when there was none. */
  readonly literal: readonly string[] | null
  finish(code: number): void
}

type Words = readonly (string | undefined)[]

export interface CommandSpec<A extends Words, O> {
  parent: Command
  /** Name and arguments as commander writes them: `show <run>`. */
  usage: string
  summary: string
  /** It is what the parent does when no command is given. */
  isDefault?: boolean
  /** false: nothing that it prints has a JSON form. */
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
  command.option('--as <service:NAME>', 'ask in the name of a service that the configuration declares')
}

/** A group such as `change`, whose commands do the work. */
export function addGroup(registry: Registry, name: string, summary: string): Command {
  return registry.program.command(name).summary(summary).description(summary)
}
