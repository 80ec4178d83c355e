// A machine that reaches the outside only through a proxy, which every connection of the gateway and git on the host
// use.
import { createServer, type Server } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openOutside } from '../../src/credentials/ask-outside.ts'
import { createRunCa } from '../../src/gateway/egress/run-ca.ts'
import { DEFAULT_MODEL_LIMITS } from '../../src/gateway/model/limits.ts'
import { createModelUpstream } from '../../src/gateway/model/upstream.ts'
import { redirectPlace, registryPlace } from '../../src/gateway/registries/npm/place.ts'
import { createNpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { createHostGit } from '../../src/git/host-git.ts'
import { listRemote } from '../../src/git/remote.ts'
import { gitNetwork } from '../../src/outgoing/git-network.ts'
import { DIRECT, type Outgoing } from '../../src/outgoing/settings.ts'
import { testFolder } from '../test-folder.ts'
import { CREDENTIAL, openConnectProxy, type ConnectProxy } from './connect-proxy.ts'
import { listen, openFixture, PUBLIC_ADDRESS, type FixtureOptions } from './gateway-fixture.ts'
import { runProgram } from './programs.ts'

const HOST = 'api.example.com'

interface Network extends AsyncDisposable {
  proxy: ConnectProxy
  outgoing: Outgoing
}

/** `HOST` over TLS and plain HTTP, and a proxy that alone knows its address. */
async function openNetwork(listener: RequestListener): Promise<Network> {
  const resources = new AsyncDisposableStack()
  const ca = await createRunCa()
  const serve = async (server: Server): Promise<number> => {
    resources.defer(async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    })
    return listen(server)
  }
  const tls = await serve(createTlsServer(await ca.certificateFor(HOST), listener))
  const plain = await serve(createServer(listener))
  const proxy = resources.use(await openConnectProxy({ [`${HOST}:443`]: tls, [`${HOST}:80`]: plain }))
  return {
    proxy,
    outgoing: { ...DIRECT, httpProxy: proxy.url, httpsProxy: proxy.url, certificates: [ca.certificatePem] },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const hello: RequestListener = (_request, response) => response.end('hello')

/** The machine itself resolves only these names and dials nothing. */
function boxOn(outgoing: Outgoing, known: Record<string, string> = {}): FixtureOptions & { dialled: string[] } {
  const dialled: string[] = []
  return {
    outgoing,
    dialled,
    allow: () => true,
    async resolve(host) {
      if (known[host] === undefined) throw new Error('no such name')
      return [known[host]]
    },
    async connect(address) {
      dialled.push(address)
      throw new Error('dialled')
    },
  }
}

describe('the open network', () => {
  test('is reached through the proxy, over TLS that it does not end', async () => {
    await using network = await openNetwork(hello)
    const options = boxOn(network.outgoing)
    await using box = await openFixture(options)
    const curl = await runProgram(box, ['curl', '-sS', `https://${HOST}/x`])
    expect(curl).toMatchObject({ stdout: 'hello', stderr: '' })
    expect(network.proxy.seen).toEqual([`CONNECT ${HOST}:443 ${CREDENTIAL}`])
    expect(options.dialled).toEqual([])
    expect(box.requests()).toMatchObject([{ status: 200, responseBytes: 5, decision: { allowed: true } }])
    expect(JSON.stringify(box.events) + [...box.blobs.all.values()].join('')).not.toMatch(/proxy-auth|Y29ycDp/i)
  })

  test('is reached over plain HTTP with absolute-form requests', async () => {
    await using network = await openNetwork(hello)
    await using box = await openFixture(boxOn(network.outgoing))
    expect((await runProgram(box, ['curl', '-sS', `http://${HOST}/x?y=1`])).stdout).toBe('hello')
    expect(network.proxy.seen).toEqual([`GET http://${HOST}:80/x?y=1 ${CREDENTIAL}`])
  })

  test.each([
    'https://169.254.169.254/latest/',
    'http://169.254.169.254/latest/',
    'https://10.0.0.1/',
    'http://[::ffff:10.0.0.1]/',
    'https://known-inside.example.com/',
    'http://known-inside.example.com/',
    'https://intranet/',
    'https://wiki.corp/',
    'http://metadata.google.internal/',
    'https://printer.local/',
  ])('does not include %s, for which the proxy is never asked', async (url) => {
    await using network = await openNetwork(hello)
    await using box = await openFixture(boxOn(network.outgoing, { 'known-inside.example.com': '10.0.0.7' }))
    const curl = await runProgram(box, ['curl', '-sS', '-g', '-w', '%{http_code}', url])
    expect(curl.stdout).toMatch(/(never dials|name of a private network)[^]*403$/)
    expect(network.proxy.seen).toEqual([])
    expect(box.requests()).toMatchObject([{ status: 403, decision: { allowed: false, reasons: [] } }])
  })

  test('never asks the proxy for a denied request', async () => {
    await using network = await openNetwork(hello)
    await using box = await openFixture({ ...boxOn(network.outgoing), allow: () => false })
    expect((await runProgram(box, ['curl', '-sS', `https://${HOST}/`])).stdout).toContain('No policy permits it')
    expect(network.proxy.seen).toEqual([])
  })

  test('dials NO_PROXY hosts directly, at the checked address', async () => {
    await using network = await openNetwork(hello)
    const options = boxOn({ ...network.outgoing, noProxy: ['.example.com'] }, { [HOST]: PUBLIC_ADDRESS })
    await using box = await openFixture(options)
    await runProgram(box, ['curl', '-sS', `https://${HOST}/`])
    expect([options.dialled, network.proxy.seen]).toEqual([[PUBLIC_ADDRESS], []])
  })

  test('reports a refusing proxy and a missing proxy', async () => {
    await using network = await openNetwork(hello)
    await using box = await openFixture(boxOn(network.outgoing))
    const refused = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', 'https://elsewhere.example.com/'])
    expect(refused.stdout).toMatch(/through the proxy of this machine: the proxy answered 403[^]*502$/)
    const nowhere = new URL('http://127.0.0.1:9')
    await using other = await openFixture(boxOn({ ...network.outgoing, httpsProxy: nowhere }))
    const gone = await runProgram(other, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect(gone.stdout).toMatch(/through the proxy of this machine[^]*502$/)
  })
})

describe('everything else that leaves the machine', () => {
  const signal = AbortSignal.timeout(10_000)

  test('npm: registries and their tarball storage', async () => {
    await using network = await openNetwork(hello)
    const settings = { scopes: new Map(), ca: null, strictSsl: true, noProxy: [], credentials: new Map() }
    const registry = new URL(`https://${HOST}/npm/`)
    await using upstream = createNpmUpstream(
      { ...settings, registry, httpProxy: null, httpsProxy: null },
      network.outgoing,
    )
    const tarball = registryPlace(new URL('a/-/a-1.0.0.tgz', registry), [registry])
    expect(await upstream.ask({ method: 'GET', place: tarball, headers: {}, signal })).toMatchObject({ status: 200 })
    const inside = redirectPlace(tarball, 'https://10.0.0.1/a.tgz', [registry])
    await expect(upstream.ask({ method: 'GET', place: inside, headers: {}, signal })).rejects.toThrow(/never dials/)
    const named = redirectPlace(tarball, 'https://store.corp/a.tgz', [registry])
    await expect(upstream.ask({ method: 'GET', place: named, headers: {}, signal })).rejects.toThrow(
      /name of a private network/,
    )
    expect(network.proxy.seen).toEqual([`CONNECT ${HOST}:443 ${CREDENTIAL}`])
  })

  test("npm's own proxy takes precedence over the variables, and glovebox.yaml over both", async () => {
    await using network = await openNetwork(hello)
    const registry = new URL(`https://${HOST}/npm/`)
    const rest = { scopes: new Map(), ca: null, strictSsl: true, noProxy: [], credentials: new Map() }
    const nowhere = { ...rest, registry, httpProxy: null, httpsProxy: 'http://127.0.0.1:9' }
    const ask = async (decided: boolean): Promise<number> => {
      await using upstream = createNpmUpstream(nowhere, { ...network.outgoing, decided })
      const place = registryPlace(new URL('a', registry), [registry])
      return (await upstream.ask({ method: 'GET', place, headers: {}, signal })).status
    }
    await expect(ask(false)).rejects.toThrow(/did not answer/)
    expect(await ask(true)).toBe(200)
  })

  test('models', async () => {
    await using network = await openNetwork(hello)
    await using upstream = createModelUpstream(DEFAULT_MODEL_LIMITS, undefined, network.outgoing)
    const url = new URL(`https://${HOST}/v1/messages`)
    const answer = await upstream.ask({
      connection: 'x',
      method: 'POST',
      url,
      headers: {},
      body: Buffer.from('{}'),
      signal,
    })
    expect(answer.status).toBe(200)
    expect(network.proxy.seen).toEqual([`CONNECT ${HOST}:443 ${CREDENTIAL}`])
  })

  test('the connection test, and secret stores', async () => {
    await using network = await openNetwork((_request, response) => response.end('{"data":[]}'))
    await using outside = openOutside(network.outgoing)
    const answer = await outside.ask(new URL(`https://${HOST}/v1/models`), {}, signal)
    expect(answer).toEqual({ status: 200, json: { data: [] } })
    expect(network.proxy.seen).toEqual([`CONNECT ${HOST}:443 ${CREDENTIAL}`])
  })

  test('git on the host, with the CA of the settings', async () => {
    await using folder = await testFolder()
    const refs = `${'1'.repeat(40)}\trefs/heads/main\n`
    await using network = await openNetwork((_request, response) => response.end(refs))
    const place = join(folder.path, 'git')
    const variables = await gitNetwork(network.outgoing, place)
    const git = await createHostGit({ path: '/usr/local/bin:/usr/bin:/bin', folder: place, network: variables })
    const found = await listRemote(git, { address: `https://${HOST}/r.git`, kind: 'https' }, signal)
    expect([...found.branches]).toEqual([['main', '1'.repeat(40)]])
    expect(network.proxy.seen).toContain(`CONNECT ${HOST}:443 ${CREDENTIAL}`)
    const other = await gitNetwork({ ...network.outgoing, certificates: [] }, place)
    const untrusting = await createHostGit({ path: '/usr/local/bin:/usr/bin:/bin', folder: place, network: other })
    const refused = listRemote(untrusting, { address: `https://${HOST}/r.git`, kind: 'https' }, signal)
    await expect(refused).rejects.toThrow()
  })
})
