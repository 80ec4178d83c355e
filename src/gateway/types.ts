// The wall's seams: what a service behind the gateway sees of a request, and what it answers.
import type { Readable } from 'node:stream'
import type { Secret } from '../credentials/types.ts'
import type { Actor } from '../domain/actor.ts'
import type { Mode } from '../domain/events/fields.ts'
import type { Authorise } from '../policy/types.ts'
import type { BlobStore, Recorder } from '../store/types.ts'

/** The run that a gateway serves; each gateway serves exactly one. */
export interface GatewayRun {
  id: string
  actor: Actor
  mode: Mode
  /** The one branch that it may push, without `refs/heads/`. */
  branch: string
  /** Named egress sets that the task may reach. */
  reach: readonly string[]
}

/** What every service needs to decide and to record. */
export interface GatewayContext {
  run: GatewayRun
  authorise: Authorise
  recorder: Recorder
  blobs: BlobStore
  /** Configured secrets, to be kept out of the record; absent: there are none. */
  secrets?: () => Promise<readonly Secret[]>
}

/** A request after the proxy parsed it strictly; origin, host header and SNI agree. Attacker-controlled. */
export interface GatewayRequest {
  method: string
  url: URL
  /** Lower-case names; hop-by-hop and proxy headers are gone. */
  headers: ReadonlyMap<string, string>
  body: Readable
  signal: AbortSignal
}

export interface GatewayResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: Uint8Array | Readable
  /** The body comes bit by bit: what there is of the answer is sent at once. */
  streamed?: boolean
}

/** One thing behind the wall. It asks policy, records, and only then answers (invariants 3 and 6). */
export interface GatewayService {
  readonly name: string
  /** The origin it answers for, e.g. `https://git.glovebox.internal`. */
  readonly origins: readonly string[]
  /**
   * Also answers below this path on the gateway's own loopback address, in the clear, for clients that know no proxy and
   * trust no CA of ours. Begins and ends with a slash.
   */
  readonly localPath?: string
  handle(request: GatewayRequest): Promise<GatewayResponse>
  /** Resolves when nothing is being worked on; what is handed out as a stream may be when its request is over. */
  idle?(): Promise<void>
}

/** A file of a sandbox that programs inside find and can't change. */
export interface TrustFile {
  /** Its path inside. */
  target: string
  content: string | Uint8Array
}

/** The open wall of one run. */
export interface Gateway {
  /** Files that make programs inside trust the run's CA and find the way out. */
  readonly trustFiles: readonly TrustFile[]
  /** Variables that point programs inside to the proxy, the CA and the registry. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** The loopback port inside every sandbox that the guest bridges to the gateway. */
export const GATEWAY_PORT = 8118
