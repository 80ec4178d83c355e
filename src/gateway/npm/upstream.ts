// The far side of the registry service: connections to the operator's registries, with the operator's credentials.
import { isIP, type LookupFunction } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import { createSecureContext } from 'node:tls'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import type { AdvisoryUpstream } from '../../advisories/types.ts'
import { bareHost } from '../egress/authority.ts'
import { machineCertificates } from '../egress/dial.ts'
import { resolveHost, systemResolver } from '../egress/resolve-host.ts'
import { GatewayError } from '../gateway-error.ts'
import type { NpmConfiguration } from './configuration.ts'
import { credentialFor } from './npmrc.ts'

export interface UpstreamQuestion {
  method: 'GET' | 'HEAD' | 'POST'
  url: URL
  headers: Readonly<Record<string, string>>
  body?: Uint8Array
  signal: AbortSignal
}

export interface UpstreamAnswer {
  status: number
  headers: ReadonlyMap<string, string>
  /** Decoded. */
  body: Readable
}

export interface NpmUpstream extends AdvisoryUpstream, AsyncDisposable {
  /** The default registry first, then those of scopes; each with a trailing slash. */
  readonly registries: readonly URL[]
  readonly scopes: ReadonlyMap<string, URL>
  /** Whether a credential goes along to this URL. */
  hasCredential(url: URL): boolean
  /** Does not follow redirects. Rejects with a GatewayError. */
  ask(question: UpstreamQuestion): Promise<UpstreamAnswer>
}

export const BULK_PATH = '-/npm/v1/security/advisories/bulk'
const TIMEOUT_MS = 120_000
const MAX_ADVISORIES = 64 * 1024 ** 2

/** Connections are kept open and shared by all runs until it is disposed of. */
export function createNpmUpstream(configuration: NpmConfiguration): NpmUpstream {
  const dispatchers = createDispatchers(configuration)
  const { registry, scopes, credentials } = configuration

  async function ask(question: UpstreamQuestion): Promise<UpstreamAnswer> {
    const { method, url, body, signal } = question
    const authorization = credentialFor(url, credentials)?.authorization
    const headers = { ...question.headers, 'accept-encoding': 'gzip', ...(authorization && { authorization }) }
    try {
      const answer = await dispatchers.for(url).request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        signal,
        body: body ?? null,
      })
      // Whoever reads the body learns of its errors; a body that nobody reads must not end the process.
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
    registries: [...new Map([registry, ...scopes.values()].map((url) => [url.href, url])).values()],
    scopes,
    hasCredential: (url) => credentialFor(url, credentials) !== null,
    ask,
    async bulkAdvisories(packages) {
      const answer = await ask({
        method: 'POST',
        url: new URL(BULK_PATH, registry),
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

function createDispatchers(configuration: NpmConfiguration): { for(url: URL): Dispatcher; close(): Promise<void> } {
  // One context for all connections: reading the machine's roots takes longer than a handshake.
  const secureContext = createSecureContext({
    ca: [...(configuration.ca ?? machineCertificates())],
    minVersion: 'TLSv1.2',
  })
  const tls = { secureContext, rejectUnauthorized: configuration.strictSsl }
  const own = new Set([configuration.registry, ...configuration.scopes.values()].map((url) => url.origin))
  const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, connections: 32 }
  const direct = new Agent({ ...timeouts, connect: tls })
  const elsewhere = new Agent({ ...timeouts, connect: { ...tls, lookup: checkedLookup } })
  const proxied = new Map<string, ProxyAgent>()
  for (const proxy of [configuration.httpProxy, configuration.httpsProxy]) {
    if (proxy !== null && !proxied.has(proxy)) {
      proxied.set(proxy, new ProxyAgent({ ...timeouts, uri: proxy, requestTls: tls, proxyTls: tls }))
    }
  }
  return {
    for(url) {
      const proxy = url.protocol === 'https:' ? configuration.httpsProxy : configuration.httpProxy
      const proxyAgent =
        proxy === null || isExempt(url.hostname, configuration.noProxy) ? undefined : proxied.get(proxy)
      if (proxyAgent !== undefined) return proxyAgent
      if (own.has(url.origin)) return direct
      if (isIP(bareHost(url.hostname)) !== 0)
        throw new GatewayError('bad-upstream', 'The registry redirected to a bare address.')
      return elsewhere
    },
    async close() {
      await Promise.all([direct, elsewhere, ...proxied.values()].map((dispatcher) => dispatcher.destroy()))
    },
  }
}

/** A registry's own address is the operator's word; where it redirects to is the registry's, and may not be inside. */
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

function isExempt(host: string, noProxy: readonly string[]): boolean {
  return noProxy
    .map((entry) => entry.replace(/^\*?\./, ''))
    .some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`))
}

/** The sandbox gets, and the record keeps, what the bytes mean; the spool's bound holds for what comes out. */
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
  // Errors reach whoever reads the decoder.
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
