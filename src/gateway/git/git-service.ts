// The git service of one run: smart HTTP (gitprotocol-http) on the run's quarantine, at the address of its `origin`.
// Ignores credentials that a client sends, and never passes them on.
import type { HostGit } from '../../git/host-git.ts'
import type { PackLimits } from '../../git/incoming-pack.ts'
import { DEFAULT_PACK_LIMITS } from '../../git/incoming-pack.ts'
import { formatOfId } from '../../git/object-id.ts'
import type { GatewayContext, GatewayRequest, GatewayResponse, GatewayService } from '../types.ts'
import { advertise } from './advertise.ts'
import type { GitSubprotocol } from './answers.ts'
import { advertisementAnswer, plainAnswer } from './answers.ts'
import { GitProtocolError } from './git-protocol-error.ts'
import { serveFetch } from './serve-fetch.ts'
import { servePush } from './serve-push.ts'
import type { ServiceParts } from './service-parts.ts'
import { decideFetch, denialText, recordEvents, REFUSED, requestEvent } from './service-parts.ts'
import { createSlots } from './slots.ts'

/** A single git client fetches one after the other. */
const FETCHES_AT_ONCE = 8

export interface GitServiceOptions {
  /** URL of `origin` inside, e.g. `https://git.glovebox.internal/storefront.git`. */
  originUrl: string
  /** The run's quarantine: a bare repository of ours. */
  quarantine: string
  baseCommit: string
  context: GatewayContext
  git: HostGit
  limits?: Partial<PackLimits>
}

export function createGitService(options: GitServiceOptions): GatewayService {
  const origin = new URL(options.originUrl)
  const path = origin.pathname.replace(/\/$/, '').replace(/\.git$/, '')
  const { quarantine, baseCommit, context, git } = options
  const limits = { ...DEFAULT_PACK_LIMITS, ...options.limits }
  const parts: ServiceParts = {
    git,
    context,
    quarantine,
    baseCommit,
    format: formatOfId(baseCommit),
    repository: options.originUrl,
    limits,
  }
  const inFetchSlot = createSlots(FETCHES_AT_ONCE)
  return {
    name: 'git',
    origins: [origin.origin],
    owns: (url) => origin.hostname.endsWith(INTERNAL) || isOfRepository(url.pathname, path),
    async handle(request) {
      try {
        return await route({ ...parts, inFetchSlot }, path, request)
      } catch (error) {
        return refuseFault(parts, request, error)
      }
    },
  }
}

/** Suffix of Glovebox's own host names, which serve nothing else. */
const INTERNAL = '.glovebox.internal'

/**
 * Whether a URL belongs to the repository. Submodules may lie beside it; Git LFS files lie below it and go elsewhere.
 */
function isOfRepository(pathname: string, path: string): boolean {
  const prefixes = [`${path}.git/`, `${path}/`]
  return prefixes.some((prefix) => pathname.startsWith(prefix) && !pathname.startsWith(`${prefix}info/lfs/`))
}

type RouteParts = ServiceParts & { inFetchSlot: ReturnType<typeof createSlots> }

async function route(parts: RouteParts, path: string, request: GatewayRequest): Promise<GatewayResponse> {
  const { pathname, search } = request.url
  const place = [`${path}.git/`, `${path}/`].find((prefix) => pathname.startsWith(prefix))
  if (place === undefined || path === '')
    return refuse(parts, request, 404, `the only repository here is ${parts.repository}`)
  const what = `${pathname.slice(place.length)}${search}`
  if (request.method === 'GET') {
    if (what === 'info/refs?service=git-upload-pack') return advertisement(parts, request, 'git-upload-pack')
    if (what === 'info/refs?service=git-receive-pack') return advertisement(parts, request, 'git-receive-pack')
  }
  if (request.method === 'POST') {
    const service = what === 'git-upload-pack' || what === 'git-receive-pack' ? what : null
    if (service !== null && request.headers.get('content-type') !== `application/x-${service}-request`) {
      return refuse(parts, request, 415, `the body must be application/x-${service}-request`)
    }
    if (service === 'git-upload-pack')
      return parts.inFetchSlot(() => serveFetch(parts, request, protocolVersion(request)))
    if (service === 'git-receive-pack') return servePush(parts, request)
  }
  return refuse(parts, request, 403, 'only git fetch, clone and push over smart HTTP work here')
}

async function advertisement(
  parts: ServiceParts,
  request: GatewayRequest,
  service: GitSubprotocol,
): Promise<GatewayResponse> {
  const decision = await decideFetch(parts, 'ls-refs')
  await recordEvents(parts, [
    { kind: 'git.fetched', body: { repository: parts.repository, command: 'ls-refs', wants: [], decision } },
  ])
  if (!decision.allowed) return plainAnswer(403, `Glovebox: ${denialText(decision)}`)
  return advertisementAnswer(service, await advertise(parts, service, protocolVersion(request)))
}

/** Treats version 1 as 0, because it differs only in one line that a server may omit. */
function protocolVersion(request: GatewayRequest): 0 | 2 {
  return (request.headers.get('git-protocol') ?? '').split(':').includes('version=2') ? 2 : 0
}

async function refuse(
  parts: ServiceParts,
  request: GatewayRequest,
  status: number,
  note: string,
): Promise<GatewayResponse> {
  request.body.resume()
  await recordEvents(parts, [requestEvent(request, { status, note, decision: REFUSED })])
  return plainAnswer(status, `Glovebox: ${note}`)
}

const STATUS = { malformed: 400, 'too-large': 413, unsupported: 400 } as const satisfies Record<
  GitProtocolError['code'],
  number
>

/** Refuses the request after any error. If the refusal can't be recorded, the answer says only that. */
async function refuseFault(parts: ServiceParts, request: GatewayRequest, error: unknown): Promise<GatewayResponse> {
  const [status, note] =
    error instanceof GitProtocolError
      ? [STATUS[error.code], error.message]
      : [503, 'the request could not be decided, recorded or answered']
  return refuse(parts, request, status, note).catch(() =>
    plainAnswer(503, 'Glovebox: the request is refused, because it could not be recorded'),
  )
}
