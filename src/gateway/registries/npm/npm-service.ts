// Service for the operator's npm registries: read-only, answers kept by digest, the operator's credential added on the
// far side. Bodies pass unchanged. A packument's `dist.tarball` may name another host; npm replaces it by its registry
// according to `replace-registry-host`. A host that npm keeps is requested as general egress.
import { AdvisoryError } from '../../../advisories/types.ts'
import { GatewayError } from '../../gateway-error.ts'
import { createHeaderKeeper } from '../../kept-headers.ts'
import { DEFAULT_LIMITS } from '../../limits.ts'
import { denial, failureOf, type Refusal } from '../../refusal.ts'
import type { GatewayRequest, GatewayResponse, GatewayService } from '../../types.ts'
import type { RegistryServiceParts } from '../types.ts'
import { answerAdvisories } from './answer-advisories.ts'
import { answerFromRegistry } from './answer-from-registry.ts'
import { registryPlace } from './place.ts'
import { registryRefusal } from './registry-refusal.ts'
import type { NpmUpstream } from './upstream.ts'
import { decideVisit, overruled, refuse, type NpmParts, type Visit } from './visit.ts'

export interface NpmServiceOptions extends RegistryServiceParts {
  registry: NpmUpstream
}

export function createNpmService({ registry, advisories, context, limits }: NpmServiceOptions): GatewayService {
  const parts: NpmParts = {
    registry,
    advisories,
    context,
    limits: { ...DEFAULT_LIMITS, ...limits },
    headers: createHeaderKeeper(context, { signedPlaces: true }),
    inTurn: oneAtATime(),
  }
  return {
    name: 'npm',
    origins: [...new Set(registry.registries.map((url) => url.origin))],
    handle: (request) => handle(parts, request),
  }
}

function oneAtATime(): NpmParts['inTurn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

async function handle(parts: NpmParts, request: GatewayRequest): Promise<GatewayResponse> {
  const place = registryPlace(request.url, parts.registry.registries)
  const visit: Visit = {
    parts,
    request,
    place,
    url: request.url.href,
    service: place.path?.kind === 'advisories' ? 'advisories' : 'npm',
    decision: await decideVisit(parts, request.method, place),
    asked: null,
    askedHeaders: undefined,
    redirectedFrom: null,
    credentials: [],
  }
  const refusal = registryRefusal(request.method, place.path, request.url.search)
  if (refusal !== null) return refuse(overruled(visit), { status: 403, code: 'denied', message: refusal })
  if (!visit.decision.allowed) return refuse(visit, denial(visit.decision))
  return visit.service === 'npm' ? answerFromRegistry(visit) : parts.inTurn(() => answerOrRefuse(visit))
}

async function answerOrRefuse(visit: Visit): Promise<GatewayResponse> {
  try {
    return await answerAdvisories(visit)
  } catch (error) {
    if (error instanceof AdvisoryError) return refuse(visit, advisoryFailure(error))
    if (error instanceof GatewayError) return refuse(visit, failureOf(error))
    throw error
  }
}

function advisoryFailure(error: AdvisoryError): Pick<Refusal, 'status' | 'code' | 'message'> {
  if (error.code === 'malformed' || error.code === 'too-large')
    return { status: 400, code: 'bad-request', message: error.message }
  return { status: 502, code: 'bad-upstream', message: error.message }
}
