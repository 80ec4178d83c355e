// The command line with all commands.
import { Command } from 'commander'
import { printableBlock } from '../domain/byte-text.ts'
import { addCommands, addCommonOptions, type Registry } from './add-command.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { UsageError } from './cli-error.ts'
import { COMMANDS } from './commands.ts'

const AFTER = `
Examples:
  glovebox run fix-vulnerabilities --repo ~/code/shop    a task
  glovebox run ./my-task.yaml --repo .                   a task file that is not installed
  glovebox run --prompt 'Fix the flaky test' --repo .    one prompt for an agent, which may propose a change
  glovebox run --repo . -- git log --stat -3             any command, read-only and without network
  glovebox run --reach npm --repo . -- npm ci            the same, with access to the npm registry
  glovebox runs show latest                              what came of it
  glovebox change diff latest                            what it wants to change

<run>, <change> and <ask> are an id, its last (or first) 4 or more characters, or \`latest\`.

Exit codes: 0 done, 1 the task failed, 2 wrong usage or bad input, 3 refused by policy or gate,
4 the platform failed, 130 interrupted or cancelled.`

/** `args` are the words of the command line: the commands that they name get their options and their action. */
export async function buildProgram(
  args: readonly string[],
  environment: CliEnvironment,
  literal: Registry['literal'],
  finish: Registry['finish'],
): Promise<Command> {
  const program = new Command('glovebox')
  program
    .description('Runs agents and commands on private repositories in a sealed, recorded sandbox.')
    .version(environment.version)
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      // Commander repeats its arguments, and a script may have passed text that someone else chose.
      writeErr: (text) => void environment.stderr.write(printableBlock(text)),
      // run-cli.ts reports it.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', AFTER)
    .hook('preAction', (_, command) => {
      if (literal !== null && command.name() !== 'run')
        throw new UsageError('Only `glovebox run` takes a command after `--`')
    })
  addCommonOptions(program, true)

  const registry: Registry = { program, environment, literal, finish }
  await addCommands(registry, COMMANDS, new Set(args))
  return program
}
