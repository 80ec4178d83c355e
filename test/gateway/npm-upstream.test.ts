// The client of the registry service, with real TLS.
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { upstreamAdvisories } from '../../src/advisories/upstream-advisories.ts'
import type { NpmConfiguration } from '../../src/gateway/registries/npm/configuration.ts'
import { redirectPlace, registryPlace, type Place } from '../../src/gateway/registries/npm/place.ts'
import { createNpmUpstream, type UpstreamAnswer } from '../../src/gateway/registries/npm/upstream.ts'
import { listen, openStandIn } from './gateway-fixture.ts'

function configurationOf(registry: string, more: Partial<NpmConfiguration> = {}): NpmConfiguration {
  const none = { httpProxy: null, httpsProxy: null, noProxy: [], credentials: new Map(), scopes: new Map() }
  return { registry: new URL(registry), ca: null, strictSsl: true, ...none, ...more }
}

async function get(
  configuration: NpmConfiguration,
  place: Place = registryPlace(new URL('x', configuration.registry), [configuration.registry]),
): Promise<UpstreamAnswer> {
  await using upstream = createNpmUpstream(configuration)
  const answer = await upstream.ask({ method: 'GET', place, headers: {}, signal: AbortSignal.timeout(5000) })
  for await (const _chunk of answer.body);
  return answer
}

describe('createNpmUpstream', () => {
  test('sends requests only to a registry that the configured CA vouches for', async () => {
    await using server = await openStandIn('localhost', (_req, res) => res.end('{}'))
    const registry = `https://localhost:${server.port}/`
    await expect(get(configurationOf(registry))).rejects.toThrow(/did not answer/)
    await using other = await openStandIn('localhost', (_req, res) => res.end('{}'))
    await expect(get(configurationOf(registry, { ca: other.certificates }))).rejects.toThrow(/did not answer/)
    expect(await get(configurationOf(registry, { ca: server.certificates }))).toMatchObject({ status: 200 })
  })

  test('does not follow a redirect into the internal network', async () => {
    await using server = await openStandIn('localhost', (_req, res) => res.end('inside'))
    const configuration = configurationOf('https://registry.example/', { ca: server.certificates })
    const tarball = registryPlace(new URL('x/-/x-1.0.0.tgz', configuration.registry), [configuration.registry])
    const at = (host: string): Promise<unknown> => {
      const location = `https://${host}:${server.port}/x`
      return get(configuration, redirectPlace(tarball, location, [configuration.registry]))
    }
    for (const host of ['localhost', '127.0.0.1', '[::1]', '[::ffff:7f00:1]', '169.254.169.254', '10.0.0.1'])
      await expect(at(host)).rejects.toThrow(/leads to .* which the gateway never dials/)
  })

  test("asks for the registry's own advisories in npm's bulk format", async () => {
    const advisory = {
      id: 7,
      url: 'https://github.com/advisories/GHSA-1111-2222-3333',
      title: 't',
      severity: 'low',
      vulnerable_versions: '>=1.0.0 <1.2.0 || <0.5.0',
    }
    const asked: unknown[] = []
    const server = createServer(async (req, res) => {
      asked.push(`${req.method} ${req.url}`, JSON.parse((await req.toArray()).join('')))
      res.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify({ a: [advisory] })))
    })
    await using upstream = createNpmUpstream(configurationOf(`http://127.0.0.1:${await listen(server)}/npm/`))
    const found = await upstreamAdvisories(upstream).query([
      { ecosystem: 'npm', name: 'a', versions: ['1.0.0', '1.2.0'] },
    ])
    expect(asked).toEqual(['POST /npm/-/npm/v1/security/advisories/bulk', { a: ['1.0.0', '1.2.0'] }])
    expect(found).toMatchObject([
      { id: 'GHSA-1111-2222-3333', package: 'a', versions: ['1.0.0'], severity: 'low', fixed: ['1.2.0', '0.5.0'] },
    ])
    server.closeAllConnections()
    server.close()
  })
})
