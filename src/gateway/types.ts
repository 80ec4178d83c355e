// Interfaces of the gateway: the request that a service gets, and its answer.
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
  /** The one branch that the run may push, without `refs/heads/`. */
  branch: string
  /** Names of the egress sets that the task may reach. */
  reach: readonly string[]
}

/** Context that every service needs to decide and to record. */
export interface GatewayContext {
  run: GatewayRun
  authorise: Authorise
  recorder: Recorder
  blobs: BlobStore
  /** Configured secrets, which must not reach the record. Absent: there are none. */
  secrets?: () => Promise<readonly Secret[]>
}

/** A request that the proxy parsed strictly: origin, Host header and SNI agree. Attacker-controlled. */
export interface GatewayRequest {
  method: string
  url: URL
  /** Names in lower case, without hop-by-hop and proxy headers. */
  headers: ReadonlyMap<string, string>
  body: Readable
  signal: AbortSignal
}

export interface GatewayResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: Uint8Array | Readable
  /** Whether the body arrives over time, so that each piece must be sent at once. */
  streamed?: boolean
}

/** A service of the gateway. It asks policy, records, and only then answers (invariants 3 and 6). */
export interface GatewayService {
  readonly name: string
  /** Origins that it answers for, e.g. `https://git.glovebox.internal`. */
  readonly origins: readonly string[]
  /**
   * Whether a URL of its origins belongs to it; absent: all do. The other URLs are general egress, on which policy
   * decides.
   */
  owns?(url: URL): boolean
  /**
   * Path on the gateway's loopback address at which the service also answers over plain HTTP, for clients that support
   * no proxy and do not trust the run's CA. Begins and ends with a slash.
   */
  readonly localPath?: string
  handle(request: GatewayRequest): Promise<GatewayResponse>
  /** Resolves when no work is in progress. Work on a streamed answer may continue after its request has ended. */
  idle?(): Promise<void>
}

/** A file in a sandbox that programs inside can read but not change. */
export interface TrustFile {
  /** Path inside the sandbox. */
  target: string
  content: string | Uint8Array
}

/** The open gateway of one run. */
export interface Gateway {
  /** Files that make programs inside trust the run's CA and use the gateway. */
  readonly trustFiles: readonly TrustFile[]
  /** Variables that point programs inside to the proxy, the CA and the registry. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Loopback port inside every sandbox that the guest bridges to the gateway. */
export const GATEWAY_PORT = 8118
