// Who asks. Each way in has its own answer, and none falls back to another.
import { createHash, timingSafeEqual } from 'node:crypto'
import { ACTOR_HEADER } from '../contract/endpoint.ts'
import { Actor, actorKind } from '../domain/actor.ts'
import type { Caller } from '../domain/caller.ts'
import { ownerCaller } from '../domain/caller.ts'
import { ServiceError } from '../services/types.ts'

/** Rejects a request with ServiceError. */
export type Authenticate = (request: Request) => Promise<Caller>

const MAX_ACTOR_CHARS = 1024

/**
 * For calls in this process and on the unix socket: whoever can reach them owns the data folder (0700; the socket 0600)
 * and could as well open the database, so the name that they give is taken. Only people and services may ask.
 */
export const authenticateOwner: Authenticate = async (request) => {
  const header = request.headers.get(ACTOR_HEADER)
  if (header === null || header.length > MAX_ACTOR_CHARS)
    throw new ServiceError('unauthenticated', `The request has no usable ${ACTOR_HEADER}`)
  const actor = parseActor(header)
  if (actor === null) throw new ServiceError('unauthenticated', `${ACTOR_HEADER} names neither a person nor a service`)
  return ownerCaller(actor)
}

/** For TCP: a bearer token stands for one actor, and a browser can't be talked into asking under another name for us. */
export function authenticateToken(options: {
  token: string
  actor: Actor
  hosts: () => readonly string[]
}): Authenticate {
  return async (request) => {
    // DNS rebinding: a page of another site that resolves its name to 127.0.0.1 still sends its own name here.
    const host = request.headers.get('host')?.toLowerCase() ?? ''
    if (!options.hosts().includes(host))
      throw new ServiceError('wrong-host', 'This server does not answer for that host name')
    const given = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (given === undefined || !sameSecret(given, options.token)) {
      throw new ServiceError('unauthenticated', 'The request needs this instance’s token', {
        cure: 'send `Authorization: Bearer <token>`',
      })
    }
    return { actor: options.actor, roles: [], teams: [], session: null, proof: 'token' }
  }
}

/** What may stand in a Host header for a server on this address: never a name that someone else's DNS could give it. */
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

/** In constant time, and without telling the length. */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest())
}
