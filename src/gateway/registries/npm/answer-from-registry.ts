// Forwarding of a request to the registry, with its redirects. Registries redirect tarball requests to storage, often
// with a signed URL. A signed URL is a credential, so it is followed here and never shown inside (invariant 1). Each
// hop is parsed, decided and recorded as a separate request. No permission of an earlier hop extends to a later one,
// because an attacker may control the redirecting registry.
import { GatewayError } from '../../gateway-error.ts'
import { recordableUrl } from '../../egress/recordable-url.ts'
import { createSecretFilter, needlesOf, type SecretFilter } from '../../model/answer/secret-filter.ts'
import { denial, failureOf, type Refusal } from '../../refusal.ts'
import type { GatewayResponse } from '../../types.ts'
import { credentialEvents } from './credential-events.ts'
import { redirectPlace, type Place } from './place.ts'
import { registryRefusal } from './registry-refusal.ts'
import type { UpstreamAnswer } from './upstream.ts'
import { decideVisit, keepBody, NO_DECISION, overruled, recordVisit, refuse, type Visit } from './visit.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MAX_REDIRECTS = 3
const ASK_HEADERS = ['accept', 'if-none-match', 'if-modified-since']
const ANSWER_HEADERS = ['content-type', 'etag', 'last-modified', 'cache-control']

type Failure = Pick<Refusal, 'status' | 'code' | 'message'>

/** `first` has already been decided and allowed. */
export async function answerFromRegistry(first: Visit): Promise<GatewayResponse> {
  let visit = first
  for (let hop = 0; ; hop += 1) {
    try {
      const answer = await ask(visit)
      if (!REDIRECTS.has(answer.status)) return await pass(visit, answer)
      answer.body.destroy()
      await recordVisit(visit, answer.status, { headers: await visit.parts.headers.keep(answer.headers) })
      const next = await nextVisit(visit, answer.headers.get('location'), hop)
      if (next.failure !== null) return await refuse(next.visit, next.failure)
      visit = next.visit
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      return refuse(error.code === 'forbidden-address' ? overruled(visit) : visit, failureOf(error))
    }
  }
}

async function ask(visit: Visit): Promise<UpstreamAnswer> {
  const { parts, request, place } = visit
  const headers = pick(request.headers, ASK_HEADERS)
  visit.askedHeaders = await parts.headers.keep(Object.entries(headers))
  visit.credentials.push(...credentialEvents(parts, place))
  return parts.registry.ask({ method: request.method as 'GET' | 'HEAD', place, headers, signal: request.signal })
}

async function pass(visit: Visit, answer: UpstreamAnswer): Promise<GatewayResponse> {
  const filter = await filterFor(visit)
  const source = filter === null ? answer.body : withoutSecrets(answer.body, filter)
  const [body, headers] = await Promise.all([keepBody(visit, source), visit.parts.headers.keep(answer.headers)])
  const note = filter !== null && filter.replaced > 0 ? { note: 'the answer quoted a secret, which was taken out' } : {}
  await recordVisit(visit, answer.status, { body, headers, ...note })
  const length = visit.request.method === 'HEAD' ? ['content-length'] : []
  return {
    status: answer.status,
    headers: pick(answer.headers, [...ANSWER_HEADERS, ...length]),
    body: await body.open(),
  }
}

/**
 * Filter that removes the credential from answers. A registry may quote its request, for example in an error page, and
 * the credential must not come inside (invariant 1). Tarballs are not filtered: they are published content, large, and
 * checked by their digest.
 */
async function filterFor({ parts, place, credentials }: Visit): Promise<SecretFilter | null> {
  if (credentials.length === 0 || place.kind === 'storage' || place.path?.kind === 'tarball') return null
  return createSecretFilter(needlesOf((await parts.context.secrets?.()) ?? []))
}

async function* withoutSecrets(body: AsyncIterable<Uint8Array>, filter: SecretFilter): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield filter.push(chunk)
  yield filter.end()
}

async function nextVisit(
  from: Visit,
  location: string | undefined,
  hop: number,
): Promise<{ visit: Visit; failure: Failure | null }> {
  const { parts, request } = from
  const fresh: Visit = {
    ...from,
    url: withoutQuery(recordableUrl(location ?? '', null)),
    redirectedFrom: from.url,
    askedHeaders: undefined,
    credentials: [],
    decision: NO_DECISION,
  }
  let place: Place
  try {
    if (hop >= MAX_REDIRECTS)
      throw new GatewayError('bad-upstream', `The registry redirected more than ${MAX_REDIRECTS} times.`)
    place = redirectPlace(from.place, location, parts.registry.registries)
  } catch (error) {
    if (error instanceof GatewayError) return { visit: fresh, failure: failureOf(error) }
    throw error
  }
  const decision = await decideVisit(parts, request.method, place)
  const visit: Visit = { ...fresh, place, url: withoutQuery(recordableUrl(place.url.href, null)), decision }
  const refusal = wallRefusal(from, place, request.method)
  if (refusal !== null) {
    const message = `The registry redirected to ${place.url.host}, which is refused: ${refusal}`
    return { visit: overruled(visit), failure: { status: 403, code: 'denied', message } }
  }
  return { visit, failure: decision.allowed ? null : denial(decision) }
}

/**
 * Why a redirect is refused; null if it is allowed. Only tarballs may come from elsewhere, because npm checks their
 * digest. Metadata is only as trustworthy as the registry that serves it.
 */
function wallRefusal(from: Visit, place: Place, method: string): string | null {
  if (place.kind === 'registry') return registryRefusal(method, place.path, place.url.search)
  const tarball = from.place.kind === 'storage' || from.place.path?.kind === 'tarball'
  return tarball ? null : 'Only tarballs may come from outside the registries that npm is configured for.'
}

/** Removes the query, which may be a signature and therefore a credential. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '')
}

function pick(headers: ReadonlyMap<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) as string]] : [])))
}
