// Client of the registry service for the operator's registries, with the operator's credentials.
import { isIP, type LookupFunction } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import type { Dispatcher } from 'undici'
import type { AdvisoryUpstream } from '../../../advisories/types.ts'
import { createDispatcher } from '../../../outgoing/dispatcher.ts'
import { DIRECT, parseProxy, proxyFor, type Outgoing } from '../../../outgoing/settings.ts'
import { defaultPort, parseAuthority } from '../../egress/authority.ts'
import { checkBeforeProxy, resolveHost, systemResolver } from '../../egress/resolve-host.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { NpmConfiguration } from './configuration.ts'
import { credentialFor } from './npmrc.ts'
import { registryPlace, type Place } from './place.ts'

export interface UpstreamQuestion {
  method: 'GET' | 'HEAD' | 'POST'
  place: Place
  headers: Readonly<Record<string, string>>
  body?: Uint8Array
  signal: AbortSignal
}

export interface UpstreamAnswer {
  status: number
  headers: ReadonlyMap<string, string>
  /** Decoded body. */
  body: Readable
}

export interface NpmUpstream extends AdvisoryUpstream, AsyncDisposable {
  /** The default registry first, then those of scopes; each with a trailing slash. */
  readonly registries: readonly URL[]
  readonly scopes: ReadonlyMap<string, URL>
  /** Values of the Authorization header. Secret. */
  readonly authorizations: readonly string[]
  /** Whether a request to this place carries a credential. */
  hasCredential(place: Place): boolean
  /** Sends a request without following redirects. Rejects with a GatewayError. */
  ask(question: UpstreamQuestion): Promise<UpstreamAnswer>
}

export const BULK_PATH = '-/npm/v1/security/advisories/bulk'
const TIMEOUT_MS = 120_000
const CONNECT_MS = 10_000
const MAX_ADVISORIES = 64 * 1024 ** 2

/** All runs share its open connections until it is disposed. */
export function createNpmUpstream(configuration: NpmConfiguration, outgoing: Outgoing = DIRECT): NpmUpstream {
  const reach = proxiesOf(configuration, outgoing)
  const dispatchers = createDispatchers(configuration, reach)
  const { registry, scopes, credentials } = configuration
  const registries = [...new Map([registry, ...scopes.values()].map((url) => [url.href, url])).values()]

  /** Only known paths of a registry get a credential, whatever their host. */
  function authorizationFor(place: Place): string | undefined {
    if (place.kind === 'storage' || place.path === null) return undefined
    return credentialFor(place.url, credentials)?.authorization
  }

  async function ask(question: UpstreamQuestion): Promise<UpstreamAnswer> {
    const { method, place, body, signal } = question
    const { url } = place
    const authorization = authorizationFor(place)
    const headers = { ...question.headers, 'accept-encoding': 'gzip', ...(authorization && { authorization }) }
    try {
      const dispatcher = await dispatchers.for(place)
      const answer = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        signal,
        body: body ?? null,
      })
      // The reader of the body gets its errors. An unread body must not end the process.
      answer.body.on('error', () => {})
      const flat = new Map(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
      return {
        status: answer.statusCode,
        headers: flat,
        body: decoded(answer.body, method, flat.get('content-encoding')),
      }
    } catch (error) {
      if (error instanceof GatewayError) throw error
      throw new GatewayError('unreachable', `The registry ${url.host} did not answer.`, { cause: error })
    }
  }

  return {
    name: `advisories of ${registry.host}`,
    registries,
    scopes,
    authorizations: [...credentials.values()].map(({ authorization }) => authorization),
    hasCredential: (place) => authorizationFor(place) !== undefined,
    ask,
    async bulkAdvisories(packages) {
      const answer = await ask({
        method: 'POST',
        place: registryPlace(new URL(BULK_PATH, registry), registries),
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: Buffer.from(JSON.stringify(packages)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const text = await readText(answer.body)
      if (answer.status !== 200) throw new GatewayError('bad-upstream', `The registry answered ${answer.status}.`)
      return JSON.parse(text) as unknown
    },
    [Symbol.asyncDispose]: () => dispatchers.close(),
  }
}

/** npm's proxy settings take precedence over environment variables; glovebox.yaml takes precedence over both. */
function proxiesOf({ httpProxy, httpsProxy, noProxy }: NpmConfiguration, outgoing: Outgoing): Outgoing {
  if (outgoing.decided || (httpProxy === null && httpsProxy === null)) return outgoing
  return { ...outgoing, httpProxy: proxyUrl(httpProxy), httpsProxy: proxyUrl(httpsProxy), noProxy }
}

function proxyUrl(text: string | null): URL | null {
  const url = text === null ? null : parseProxy(text)
  if (text !== null && url === null)
    throw new GatewayError('bad-configuration', "The npm configuration can't be used: its proxy is not an http(s) URL.")
  return url
}

function createDispatchers(
  { ca, strictSsl }: NpmConfiguration,
  outgoing: Outgoing,
): { for(place: Place): Promise<Dispatcher>; close(): Promise<void> } {
  const options = {
    connectMs: CONNECT_MS,
    headersMs: TIMEOUT_MS,
    idleMs: TIMEOUT_MS,
    connections: 32,
    verify: strictSsl,
    ...(ca !== null && { certificates: () => ca }),
  }
  const registries = createDispatcher(outgoing, options)
  const elsewhere = createDispatcher(outgoing, { ...options, lookup: checkedLookup })
  return {
    async for(place) {
      if (place.kind === 'registry' || place.own) return registries
      const authority = parseAuthority(place.url.host, defaultPort('https'))
      // checkedLookup checks a name that is dialled directly.
      if (proxyFor(place.url, outgoing) !== null) await checkBeforeProxy(authority, systemResolver)
      else if (authority.kind !== 'name') await resolveHost(authority, systemResolver)
      return elsewhere
    },
    async close() {
      await Promise.all([registries, elsewhere].map((dispatcher) => dispatcher.destroy()))
    },
  }
}

/**
 * Address check for redirects. The operator chose the registry's own address; a redirect target may not be in the
 * internal network.
 */
const checkedLookup: LookupFunction = (host, options, done) => {
  resolveHost({ host, port: 0, kind: 'name' }, systemResolver).then(
    (addresses) => {
      const answers = addresses.map((address) => ({ address, family: isIP(address) }))
      const [first] = answers
      if (options.all) done(null, answers)
      else if (first !== undefined) done(null, first.address, first.family)
    },
    (error: Error) => done(error, ''),
  )
}

/** Decompresses a body. The sandbox gets and the record keeps the decoded bytes, which the spool bounds. */
function decoded(body: Readable, method: string, encoding: string | undefined): Readable {
  if (method === 'HEAD' || encoding === undefined || encoding === 'identity') return body
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip' ? createGunzip() : encoding === 'br' ? createBrotliDecompress() : null
  if (decoder === null) {
    body.destroy()
    throw new GatewayError(
      'bad-upstream',
      `The registry answered in the encoding ${encoding}, which was not asked for.`,
    )
  }
  // The reader of the decoder gets the errors.
  return pipeline(body, decoder, () => {})
}

async function readText(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_ADVISORIES) throw new GatewayError('bad-upstream', 'The list of advisories is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
