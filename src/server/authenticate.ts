// Authentication. Each transport has its own method, and none falls back to another.
import { createHash, timingSafeEqual } from 'node:crypto'
import { ACTOR_HEADER } from '../contract/endpoint.ts'
import { Actor, actorKind } from '../domain/actor.ts'
import type { Caller } from '../domain/caller.ts'
import { ownerCaller } from '../domain/caller.ts'
import { ServiceError } from '../services/types.ts'

/** Resolves with the caller; rejects with ServiceError `unauthenticated` or `wrong-host`. */
export type Authenticate = (request: Request) => Promise<Caller>

/** The part of a request that authenticateOwner() reads: calls in this process have no more. */
type Headed = { headers: { get(name: string): string | null } }

const MAX_ACTOR_CHARS = 1024

/**
 * For calls in this process and on the unix socket. Only the owner of the data folder can reach them (folder 0700,
 * socket 0600), and the owner could open the database anyway, so the actor that the request names is trusted. It must
 * be a person or a service.
 */
export async function authenticateOwner(request: Headed): Promise<Caller> {
  const header = request.headers.get(ACTOR_HEADER)
  if (header === null || header.length > MAX_ACTOR_CHARS)
    throw new ServiceError('unauthenticated', `The request has no usable ${ACTOR_HEADER}`)
  const actor = parseActor(header)
  if (actor === null) throw new ServiceError('unauthenticated', `${ACTOR_HEADER} names neither a person nor a service`)
  return ownerCaller(actor)
}

/** For TCP: a bearer token identifies one actor. The Host header is checked against DNS rebinding in a browser. */
export function authenticateToken(options: {
  token: string
  actor: Actor
  hosts: () => readonly string[]
}): Authenticate {
  return async (request) => {
    // DNS rebinding: a site that resolves its own name to 127.0.0.1 still sends that name in the Host header.
    const host = request.headers.get('host')?.toLowerCase() ?? ''
    if (!options.hosts().includes(host))
      throw new ServiceError('wrong-host', 'This server does not answer for that host name')
    const given = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (given === undefined || !sameSecret(given, options.token)) {
      throw new ServiceError('unauthenticated', 'The request lacks the token of this instance, or has another one', {
        cure: 'send `Authorization: Bearer <token>`',
      })
    }
    return { actor: options.actor, roles: [], teams: [], session: null, proof: 'token' }
  }
}

/** The allowed Host headers for a server on this address: never a name that another party's DNS could point here. */
export function hostsOf(host: string, port: number): readonly string[] {
  const names = new Set([
    '127.0.0.1',
    'localhost',
    '[::1]',
    host.includes(':') && !host.startsWith('[') ? `[${host}]` : host.toLowerCase(),
  ])
  return [...names].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
}

function parseActor(header: string): Actor | null {
  try {
    const actor = Actor.strict().parse(JSON.parse(header))
    const via = actor.via === undefined ? null : Actor.parse({ id: actor.via })
    if (actorKind(actor) === 'user') return via === null ? actor : null
    return actorKind(actor) === 'service' && via !== null && actorKind(via) === 'user' ? actor : null
  } catch {
    return null
  }
}

/** Compares in constant time and hides the length. */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest())
}
