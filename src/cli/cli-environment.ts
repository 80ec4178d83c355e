// The parts of its process that the command line uses. Tests pass their own.
import type { Actor } from '../domain/actor.ts'
import type { OpenContext } from '../services/types.ts'

export type NamedTable = 'runs' | 'changes' | 'asks' | 'connections' | 'credentials'

export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean
}

export interface InputStream extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean
  /** Present if the stream is a terminal. */
  setRawMode?(raw: boolean): unknown
  /** Ends pending reads. */
  destroy?(): unknown
}

export interface CliEnvironment {
  /** A function, so that standard input stays closed unless a command reads it. */
  stdin: () => InputStream
  stdout: OutputStream
  stderr: OutputStream
  /** Whether a pager may be started; it writes to the standard output of this process. */
  startsPager: boolean
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  version: string
  /** The account that the command runs under. */
  person: Actor
  /** Opens the context in this process, if no server answers. */
  openContext: OpenContext
  /** The token that `serve` requires from TCP clients, and its file. Creates the token if it is missing. */
  apiToken: (dataFolder: string) => Promise<{ token: string; file: string }>
  /** The newest ids, or the names, in a data folder; for completion. It neither locks nor starts anything. */
  recentNames: (dataFolder: string, table: NamedTable) => Promise<readonly string[]>
  /** Aborts on the first SIGINT or SIGTERM. */
  interrupted: AbortSignal
  /** Aborts on the second SIGINT, and together with `interrupted` on SIGTERM. */
  interruptedAgain: AbortSignal
}
