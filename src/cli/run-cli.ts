// Runs the command line and returns an exit code. An unexpected error becomes one line on standard error and exit code
// 4.
import { CommanderError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { EXIT } from '../contract/problem.ts'
import { ProblemError } from '../contract/problem-error.ts'
import { DataFolderError } from '../data-folder/data-folder-error.ts'
import { printable, printableBlock } from '../domain/byte-text.ts'
import { ServiceError } from '../services/types.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { UsageError } from './cli-error.ts'
import { exitCodeOfProblem } from './exit-codes.ts'
import { jsonText } from './text/json-text.ts'
import { buildProgram } from './program.ts'
import { debug } from './session/session.ts'
import { usageMessage } from './text/usage-message.ts'
import { spellCommands } from './session/suggest-command.ts'

/** `args` without the program's own name. */
export async function runCli(args: readonly string[], environment: CliEnvironment): Promise<number> {
  // Before the words are read: these are the words of an unfinished command line.
  if (args[0] === '__complete') {
    const { printCompletions } = await import('./completion/complete.ts')
    await printCompletions(args.slice(1), environment)
    return EXIT.done
  }
  // Split here, because commander ignores a `--` without an option before it and would read the following words as our
  // options.
  const at = args.indexOf('--')
  const own = at < 0 ? [...args] : args.slice(0, at)
  const literal = at < 0 ? null : args.slice(at + 1)
  let code: number = EXIT.done
  try {
    const program = await buildProgram(own, environment, literal, (finished) => {
      code = finished
    })
    await program.parseAsync(own, { from: 'user' })
    return code
  } catch (error) {
    return report(usageOf(error, own, literal), environment, own.includes('--json'))
  }
}

/** Turns the usage errors of commander into ours. */
function usageOf(error: unknown, own: readonly string[], literal: readonly string[] | null): unknown {
  if (!(error instanceof CommanderError) || error.exitCode === 0 || error.code === 'commander.help') return error
  const { message, cure } = usageMessage(error.message)
  const stray = ['commander.unknownOption', 'commander.excessArguments'].includes(error.code)
  const help = '--help shows the usage'
  if (own[0] === 'run' && literal === null && stray && cure === null)
    return new UsageError(
      message,
      `a command to run comes after \`--\`: \`glovebox run --repo PATH -- COMMAND\`; ${help}`,
    )
  return new UsageError(message, cure === null ? help : `${cure} ${help}`.replace(/([^?]) --help/, '$1; --help'))
}

function report(error: unknown, environment: CliEnvironment, json: boolean): number {
  const { stdout, stderr, interrupted, env } = environment
  // Commander has already written the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput
  if (isBrokenPipe(error)) return EXIT.done
  if (interrupted.aborted) {
    stderr.write('glovebox: interrupted\n')
    return EXIT.interrupted
  }
  debug(environment, error)
  const known = error instanceof ProblemError || error instanceof ServiceError
  const folder = error instanceof DataFolderError
  const usage = error instanceof UsageError || error instanceof ConfigError || folder
  const message = error instanceof Error ? error.message : String(error)
  const cure = known || folder || error instanceof UsageError ? error.cure : undefined
  const details = known ? error.details : []
  const code = known ? error.code : usage ? 'bad-input' : 'internal'
  stderr.write(`glovebox: ${printable(spellCommands(message, env))}\n`)
  for (const detail of details) stderr.write(`  ${printable(detail)}\n`)
  if (cure !== undefined) stderr.write(`  ${printable(spellCommands(cure, env))}\n`)
  if (json)
    stdout.write(`${jsonText({ error: { code, message, cure, details: details.length > 0 ? details : undefined } })}\n`)
  return exitCodeOfProblem(code)
}

/** For errors that no code awaited, with the place in the code: they are faults of Glovebox. */
export function reportUnhandled(stderr: CliEnvironment['stderr'], error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stderr.write(`glovebox: All runs of this process end, because an error was not handled. Please report it:\n`)
  stderr.write(`${printableBlock(text)}\n`)
}

/** Whether the reader of our output has closed it. */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
