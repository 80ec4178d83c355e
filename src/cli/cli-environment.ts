// What the command line needs of the process that it runs in; tests hand in their own.
import type { Actor } from '../domain/actor.ts'
import type { OpenContext } from '../services/types.ts'

export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean
}

export interface InputStream extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean
  /** Where it is a terminal. */
  setRawMode?(raw: boolean): unknown
}

export interface CliEnvironment {
  /** A function, so that what no command reads is not opened. */
  stdin: () => InputStream
  stdout: OutputStream
  stderr: OutputStream
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  version: string
  /** The account that the command runs under. */
  person: Actor
  /** Makes the running parts in this process, when no server answers. */
  openContext: OpenContext
  /** The token that `serve` asks of TCP clients, and the file that keeps it; made when there is none yet. */
  apiToken: (dataFolder: string) => Promise<{ token: string; file: string }>
  /** Aborts on the first SIGINT or SIGTERM. */
  interrupted: AbortSignal
}
