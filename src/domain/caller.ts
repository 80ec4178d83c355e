// The caller: an actor with the proof of its identity. Authorisation needs a caller, since an actor alone is only a
// name.
import type { Actor } from './actor.ts'

/**
 * How a caller proved its identity. `owner`: it reached a place that only the owner of the data folder can reach (this
 * process, or the folder's unix socket) and could open the database anyway. `token`: it sent this instance's bearer
 * token.
 */
export type Proof = 'owner' | 'token'

export interface Caller {
  readonly actor: Actor
  readonly roles: readonly string[]
  readonly teams: readonly string[]
  /** Id of the caller's session or token; null if it has neither. */
  readonly session: string | null
  readonly proof: Proof
}

export function ownerCaller(actor: Actor): Caller {
  return { actor, roles: [], teams: [], session: null, proof: 'owner' }
}

/**
 * Whether the caller may name paths on the server's machine. The owner can read them anyway; others would learn of
 * them.
 */
export function knowsThisMachine({ proof }: Caller): boolean {
  return proof === 'owner'
}
