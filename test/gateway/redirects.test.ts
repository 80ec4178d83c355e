// A compromised registry redirects requests: to the operator's other registry, into the internal network, to plain
// HTTP, in circles. Each hop counts as a separate request.
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { describe, expect, test } from 'vitest'
import { upstreamAdvisories } from '../../src/advisories/upstream-advisories.ts'
import { createRunCa, type RunCa } from '../../src/gateway/egress/run-ca.ts'
import type { NpmConfiguration } from '../../src/gateway/registries/npm/configuration.ts'
import { npmRegistry } from '../../src/gateway/registries/npm/npm-registry.ts'
import { createNpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { listen, openFixture, type Fixture, type FixtureOptions } from './gateway-fixture.ts'
import { runProgram } from './programs.ts'

const TOKEN = 'SECRET-OF-CORP-0123'

interface Server extends AsyncDisposable {
  url: URL
  /** Received requests in order: `METHOD path authorization`. */
  seen: string[]
}

async function serve(listener: RequestListener, ca?: RunCa): Promise<Server> {
  const seen: string[] = []
  const noting: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`)
    listener(request, response)
  }
  const server = ca === undefined ? createServer(noting) : createTlsServer(await ca.certificateFor('127.0.0.1'), noting)
  return {
    seen,
    url: new URL(`${ca === undefined ? 'http' : 'https'}://127.0.0.1:${await listen(server)}/`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

interface Ground extends AsyncDisposable {
  box: Fixture
  /** The default registry, which the attacker controls. */
  evil: Server
  /** The operator's own registry, with a token. */
  corp: Server
  get(path: string): Promise<{ status: string; text: string }>
}

/** `leads`: maps a path of the attacker's registry to its redirect target. */
async function openGround(
  leads: (corp: URL, evil: URL) => Record<string, string>,
  options: FixtureOptions = {},
): Promise<Ground> {
  const resources = new AsyncDisposableStack()
  const ca = await createRunCa()
  const corp = resources.use(
    await serve(({ url, headers }, response) => {
      response.setHeader('x-seen', headers.authorization ?? '')
      response.end(JSON.stringify(url?.endsWith('echo') ? { you: headers.authorization } : { of: 'corp' }))
    }, ca),
  )
  const evil: Server = resources.use(
    await serve((request, response) => {
      const location = leads(corp.url, evil.url)[request.url ?? '']
      if (location === undefined) return void response.end('plain')
      response.writeHead(302, { location, 'x-echo': TOKEN }).end('body of the redirect')
    }),
  )
  const configuration: NpmConfiguration = {
    registry: evil.url,
    scopes: new Map([['@corp', new URL('npm/', corp.url)]]),
    ca: [ca.certificatePem],
    strictSsl: true,
    httpProxy: null,
    httpsProxy: null,
    noProxy: [],
    credentials: new Map([[`//${corp.url.host}/`, { authorization: `Bearer ${TOKEN}` }]]),
  }
  const registry = npmRegistry(resources.use(createNpmUpstream(configuration)))
  const box = resources.use(
    await openFixture({
      allow: () => true,
      ...options,
      secrets: async () => registry.secrets,
      services: (context) => [registry.service({ context, advisories: upstreamAdvisories(registry.advisories!) })],
    }),
  )
  return {
    box,
    evil,
    corp,
    async get(path) {
      const argv = ['curl', '-sS', '--noproxy', '', '-w', '\n%{http_code}', new URL(path, evil.url).href]
      const { stdout } = await runProgram(box, argv)
      const lines = stdout.split('\n')
      return { status: lines.pop() ?? '', text: lines.join('\n') }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function recordOf({ box }: Ground): string {
  return JSON.stringify(box.events) + [...box.blobs.all.values()].join('')
}

describe('a redirect to the other registry', () => {
  test.each([
    'npm/-/npm/v1/tokens',
    'npm/-/whoami',
    'npm/x/%2e%2e/-/whoami',
    'npm//-/whoami',
    'npm/-/whoami#x.tgz',
    'npm/@corp%2fx?write=true',
    'npm/-/npm/v1/security/advisories/bulk',
    '-/whoami',
    'storage/x.tgz',
    'NPM/-/whoami',
  ])('never reaches %s, which is refused directly', async (path) => {
    await using ground = await openGround((corp) => ({ '/a/-/a-1.0.0.tgz': new URL(corp).href + path }))
    const { status, text } = await ground.get('a/-/a-1.0.0.tgz')
    expect([status, ground.corp.seen]).toEqual([expect.stringMatching(/^(403|502)$/), []])
    expect(text).toMatch(/redirected to/)
    const [asked, refused] = ground.box.requests()
    expect(asked).toMatchObject({ status: 302, decision: { allowed: true } })
    expect(refused).toMatchObject({ redirectedFrom: asked?.url, decision: { allowed: false, reasons: [] } })
    expect(refused?.url.startsWith(ground.corp.url.origin)).toBe(true)
    expect(ground.box.events.filter(({ kind }) => kind === 'credential.used')).toEqual([])
    expect(recordOf(ground)).not.toContain(TOKEN)
  })

  test('reaches a package as a separate request, with the credential of that registry', async () => {
    await using ground = await openGround((corp) => ({ '/a': new URL('npm/@corp%2fb', corp).href }))
    expect(await ground.get('a')).toEqual({ status: '200', text: '{"of":"corp"}' })
    expect([ground.evil.seen, ground.corp.seen]).toEqual([['GET /a -'], [`GET /npm/@corp%2fb Bearer ${TOKEN}`]])
    const [first, second] = ground.box.requests()
    expect(second).toMatchObject({ status: 200, redirectedFrom: first?.url, url: `${ground.corp.url}npm/@corp%2fb` })
    expect(ground.box.questions.map(({ context }) => context['path'])).toEqual(['/a', '/npm/@corp%2fb'])
    expect(recordOf(ground)).not.toContain(TOKEN)
  })

  test('is not followed when policy denies the hop', async () => {
    const allow: FixtureOptions['allow'] = ({ context }) => context['path'] === '/a'
    await using ground = await openGround((corp) => ({ '/a': new URL('npm/@corp%2fb', corp).href }), { allow })
    const { status, text } = await ground.get('a')
    expect([status, text, ground.corp.seen]).toEqual(['403', expect.stringContaining('No policy permits it'), []])
    expect(ground.box.requests()).toMatchObject([{ status: 302 }, { status: 403, decision: { allowed: false } }])
  })

  test('is recorded before it is followed', async () => {
    let left = 1
    const recorderFails = (): boolean => left-- <= 0
    const lead = (corp: URL) => ({ '/a': new URL('npm/@corp%2fb', corp).href, '/b': '/c' })
    await using unrecorded = await openGround(lead, { recorderFails: () => true })
    expect((await unrecorded.get('a')).status).toBe('503')
    expect(unrecorded.corp.seen).toEqual([])
    await using cut = await openGround(lead, { recorderFails })
    expect((await cut.get('a')).status).toBe('503')
    expect(cut.box.requests()).toMatchObject([{ status: 302 }])
  })
})

test('a registry that quotes the credential does not bring it inside', async () => {
  await using ground = await openGround((corp) => ({ '/a': new URL('npm/@corp%2fecho', corp).href }))
  const { status, text } = await ground.get('a')
  expect([status, text]).toEqual(['200', `{"you":"Bearer ${'*'.repeat(TOKEN.length)}"}`])
  expect(recordOf(ground)).not.toContain(TOKEN)
  expect(ground.box.requests().at(-1)?.note).toMatch(/quoted a secret/)
})

describe('a redirect to elsewhere', () => {
  test.each([
    ['metadata', 'http://169.254.169.254/latest/meta-data/', '502'],
    ['metadata over TLS', 'https://169.254.169.254/', '403'],
    ['a neighbour', 'https://10.0.0.1/x.tgz', '403'],
    ['this machine', 'https://localhost:1/x.tgz', '403'],
    ['no TLS', 'http://store.example/x.tgz', '502'],
    ['a user', 'https://u:p@store.example/x.tgz', '502'],
    ['a file', 'file:///etc/passwd', '502'],
  ])('never leads to %s', async (_name, location, status) => {
    await using ground = await openGround(() => ({ '/a/-/a-1.0.0.tgz': location }))
    expect((await ground.get('a/-/a-1.0.0.tgz')).status).toBe(status)
    const [, refused] = ground.box.requests()
    expect(refused).toMatchObject({ status: Number(status), decision: { allowed: false } })
    expect(refused?.url).not.toMatch(/u:p/)
  })

  test('gives tarballs only, without a credential and without showing a signature', async () => {
    await using ground = await openGround(() => ({
      '/a/-/a-1.0.0.tgz': '/-/../../store/a?Signature=SIGNED',
      '/store/a?Signature=SIGNED': '/-/npm/v1/tokens',
    }))
    // The attacker's registry is at the root, so that every path of its origin belongs to the registry.
    expect((await ground.get('a/-/a-1.0.0.tgz')).status).toBe('403')
    expect(recordOf(ground)).not.toContain('SIGNED')
    await using packument = await openGround(() => ({ '/a': 'https://store.example/a' }))
    expect(await packument.get('a')).toMatchObject({ status: '403', text: expect.stringMatching(/Only tarballs/) })
  })

  test('stops in a circle, with each hop on the record', async () => {
    await using ground = await openGround(() => ({ '/a': '/b', '/b': '/a' }))
    expect(await ground.get('a')).toMatchObject({ status: '502', text: expect.stringMatching(/more than 3 times/) })
    expect(ground.evil.seen).toHaveLength(4)
    expect(ground.box.requests().map(({ status }) => status)).toEqual([302, 302, 302, 302, 502])
  })
})
