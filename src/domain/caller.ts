// Who asks, and how that was proved: what authorisation rests on, where an actor alone is only a name.
import type { Actor } from './actor.ts'

/**
 * How a caller proved who it is. `owner`: it reached what only the owner of the data folder can reach (this process, the
 * folder's unix socket), and could as well open the database. `token`: it sent this instance's bearer token.
 */
export type Proof = 'owner' | 'token'

export interface Caller {
  readonly actor: Actor
  readonly roles: readonly string[]
  readonly teams: readonly string[]
  /** Id of the session or token that it came with; null: neither. */
  readonly session: string | null
  readonly proof: Proof
}

export function ownerCaller(actor: Actor): Caller {
  return { actor, roles: [], teams: [], session: null, proof: 'owner' }
}

/** Whether it may name paths of the server's machine: the owner can read them anyway; anybody else would learn of them. */
export function knowsThisMachine({ proof }: Caller): boolean {
  return proof === 'owner'
}
