// The session of a command: a client, the options, and functions to write output.
import type { Client } from '../../contract/client.ts'
import type { Actor } from '../../domain/actor.ts'
import { printable, printableBlock } from '../../domain/byte-text.ts'
import type { CliEnvironment, OutputStream } from '../cli-environment.ts'
import type { Connection } from './connect.ts'
import { chooseDataFolder, type DataFolderChoice, earlierFolderNote, meetMissingFolder } from './data-folder.ts'
import { spellCommands } from './suggest-command.ts'
import { jsonText } from '../text/json-text.ts'
import { createStyle, type Style, wantsColour } from '../text/style.ts'
import { write, writeLine } from '../text/write.ts'

const MIN_COLUMNS = 40

/** The options that every command has. */
export interface CommonOptions {
  data?: string
  json?: boolean
  as?: string
}

export interface SessionOptions extends CommonOptions {
  /** Whether other processes can use the server that this process opens. */
  listen?: boolean
  /** Whether it makes a named data folder that does not exist. */
  makesFolder?: boolean
}

export interface Output {
  readonly environment: CliEnvironment
  readonly json: boolean
  /** Style of standard output. */
  readonly style: Style
  /** Width of standard output; Infinity if it is not a terminal. */
  readonly columns: number
  /** Style and width of a stream. */
  look(stream: OutputStream): { style: Style; columns: number }
  readonly folder: DataFolderChoice
  /** Prints the value as one line of JSON (`--json`), else the text for people. */
  print(value: unknown, human: () => string): Promise<void>
  /** Writes a line to standard error. */
  note(line: string): void
}

export interface Session extends Output {
  readonly client: Client
  readonly actor: Actor
  readonly place: Connection['place']
}

export function openOutput(environment: CliEnvironment, options: CommonOptions): Output {
  const { stdout, stderr, env, cwd } = environment
  const json = options.json ?? false
  function look(stream: OutputStream): { style: Style; columns: number } {
    return {
      style: createStyle(!json && wantsColour(stream, env)),
      columns: stream.isTTY === true ? Math.max(MIN_COLUMNS, stream.columns || 80) : Infinity,
    }
  }
  return {
    environment,
    json,
    ...look(stdout),
    look,
    folder: chooseDataFolder(options.data, env, cwd),
    print: (value, human) => (json ? writeLine(stdout, jsonText(value)) : write(stdout, human())),
    note: (line) => void stderr.write(`${line}\n`),
  }
}

/** Resolves with the exit code after the connection is closed. */
export async function withSession(
  environment: CliEnvironment,
  options: SessionOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const output = openOutput(environment, options)
  for (const line of earlierFolderNote(output.folder, environment.cwd))
    output.note(printable(spellCommands(line, environment.env)))
  // Loaded here, so that the help of a command does not load it.
  const { chooseActor, connect } = await import('./connect.ts')
  const actor = chooseActor(options.as, environment.person)
  meetMissingFolder(output.folder, { makes: options.makesFolder ?? false, note: output.note })
  await using connection = await connect({
    dataFolder: output.folder.path,
    actor,
    environment,
    listen: options.listen ?? false,
    note: output.note,
    onFailure: (error) => debug(environment, error),
  })
  return await work({ ...output, client: connection.client, place: connection.place, actor })
}

/** Prints the stack of the error if GLOVEBOX_DEBUG=1. */
export function debug(environment: CliEnvironment, error: unknown): void {
  if (environment.env['GLOVEBOX_DEBUG'] !== '1') return
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  environment.stderr.write(`${printableBlock(text)}\n`)
}
