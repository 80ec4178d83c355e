// The real npm behind the gateway, with a private registry of the test and with the registry of this machine.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOsvDirectory } from '../../src/advisories/osv-directory.ts'
import { upstreamAdvisories } from '../../src/advisories/upstream-advisories.ts'
import { readNpmConfiguration, type NpmConfiguration } from '../../src/gateway/registries/npm/configuration.ts'
import { npmEnvironment, npmGlobalConfig } from '../../src/gateway/registries/npm/environment.ts'
import { createNpmService } from '../../src/gateway/registries/npm/npm-service.ts'
import { registryPlace } from '../../src/gateway/registries/npm/place.ts'
import { createNpmUpstream, type NpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { openFixture, type Fixture, type FixtureOptions, type Question } from './gateway-fixture.ts'
import { runProgram, type Outcome } from './programs.ts'
import { openRegistry, TOKEN, type StandInRegistry } from './stand-in-registry.ts'

const ADVISORIES = join(import.meta.dirname, 'advisories')
const REAL_ADVISORIES = join(import.meta.dirname, '../../../shared/data/advisories/npm')

/** A short form of the built-in policy. */
function reachesNpm({ context }: Question): boolean {
  return context['service'] === 'npm' && (context['reach'] as string[]).includes('npm')
}

interface NpmBox extends AsyncDisposable {
  box: Fixture
  project: string
  npm(args: string[], env?: Record<string, string>): Promise<Outcome>
}

async function openNpmBox(
  upstream: NpmUpstream,
  options: FixtureOptions & { advisories?: string } = {},
): Promise<NpmBox> {
  const advisories =
    options.advisories === undefined ? upstreamAdvisories(upstream) : await openOsvDirectory(options.advisories)
  const box = await openFixture({
    reach: ['npm'],
    allow: reachesNpm,
    ...options,
    services: (context) => [createNpmService({ registry: upstream, advisories, context })],
  })
  const project = join(box.directory, 'project')
  const globalConfig = join(box.directory, 'npmrc')
  await mkdir(project)
  await writeFile(globalConfig, npmGlobalConfig(upstream))
  const env = npmEnvironment(upstream, join(box.directory, 'home'), globalConfig)
  return {
    box,
    project,
    npm: (args, more) => runProgram(box, ['npm', ...args], { cwd: project, env: { ...env, ...more } }),
    [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
  }
}

function configurationOf(url: URL, credentials: NpmConfiguration['credentials']): NpmConfiguration {
  return {
    registry: url,
    scopes: new Map([['@acme', url]]),
    ca: null,
    strictSsl: true,
    httpProxy: null,
    httpsProxy: null,
    noProxy: [],
    credentials,
  }
}

async function writeProject(folder: string, dependencies: Record<string, string>): Promise<void> {
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'project', version: '1.0.0', private: true, dependencies }),
  )
}

describe('a private registry with a token', () => {
  let directory: string
  let registry: StandInRegistry
  let upstream: NpmUpstream

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'glovebox-registry-'))
    registry = await openRegistry(directory, {
      boxed: [
        { version: '1.0.0' },
        { version: '1.0.1', dependencies: { '@acme/inner': '^2.0.0' } },
        { version: '2.0.0' },
      ],
      '@acme/inner': [{ version: '2.0.0' }, { version: '2.1.0' }],
    })
    const credentials = new Map([
      [`//${registry.url.host}${registry.url.pathname}`, { authorization: `Bearer ${TOKEN}` }],
    ])
    upstream = createNpmUpstream(configurationOf(registry.url, credentials))
  })

  afterAll(async () => {
    await upstream[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })

  test('npm install and npm ci work; the token stays outside and its use is recorded', async () => {
    await using inside = await openNpmBox(upstream, { advisories: ADVISORIES })
    await writeProject(inside.project, { boxed: '^1.0.0' })
    expect(await inside.npm(['install'])).toMatchObject({ code: 0 })
    const lock = await readFile(join(inside.project, 'package-lock.json'), 'utf8')
    expect(JSON.parse(lock).packages['node_modules/boxed'].resolved).toBe(`${registry.url}boxed/-/boxed-1.0.1.tgz`)
    expect(await inside.npm(['ci', '--cache', join(inside.box.directory, 'fresh')])).toMatchObject({ code: 0 })
    const { events, blobs } = inside.box
    const requests = inside.box.requests()
    expect(requests.map(({ service }) => service)).toEqual(requests.map(() => 'npm'))
    const asked = requests.find((request) => request.url.endsWith('/-/boxed-1.0.1.tgz'))
    expect(asked).toMatchObject({ status: 302, responseBytes: 0 })
    const tarball = requests.find((request) => request.url.endsWith('/storage/boxed-1.0.1.tgz'))
    expect(tarball).toMatchObject({ status: 200, redirectedFrom: asked?.url })
    const kept = blobs.all.get(tarball?.responseDigest ?? '')
    expect(
      `sha512-${createHash('sha512')
        .update(kept ?? '')
        .digest('base64')}`,
    ).toBe(JSON.parse(lock).packages['node_modules/boxed'].integrity)
    const stored = requests.filter(({ redirectedFrom }) => redirectedFrom !== undefined)
    expect(events.filter((event) => event.kind === 'credential.used').length).toBe(requests.length - stored.length)
    const headers = blobs.all.get(tarball?.responseHeaders ?? '')?.toString() ?? ''
    expect(JSON.parse(headers)).toMatchObject({ headers: expect.arrayContaining([['connection', 'keep-alive']]) })
    const record = JSON.stringify(events) + [...blobs.all.values()].join('') + lock
    expect(record).not.toContain(TOKEN)
    expect(record).not.toContain('SIGNED')
  })

  test('the credential is sent below the path of the registry only', async () => {
    await using inside = await openNpmBox(upstream, { advisories: ADVISORIES })
    registry.seen.length = 0
    await inside.npm(['pack', 'boxed@2.0.0'])
    expect(registry.seen.filter((line) => line.includes('/storage/'))).toEqual(['GET /storage/boxed-2.0.0.tgz -'])
    expect(registry.seen.filter((line) => line.includes('/api/npm/')).every((line) => line.endsWith(TOKEN))).toBe(true)
  })

  test('explains to a run that its task may not reach npm', async () => {
    await using inside = await openNpmBox(upstream, { reach: [], advisories: ADVISORIES })
    const outcome = await inside.npm(['view', 'boxed', 'version'])
    expect(outcome.code).not.toBe(0)
    expect(outcome.stderr).toMatch(/403[^]*No policy permits it/)
    expect(inside.box.requests()).toMatchObject([{ status: 403, decision: { allowed: false } }])
  })

  test.each<[string, string[]]>([
    ['publish', ['publish']],
    ['unpublish', ['unpublish', '--force', 'boxed@1.0.0']],
    ['dist-tag add', ['dist-tag', 'add', 'boxed@1.0.0', 'evil']],
    ['deprecate', ['deprecate', 'boxed@1.0.0', 'no']],
    ['whoami', ['whoami']],
    ['token list', ['token', 'list']],
    ['login', ['login', '--auth-type=legacy']],
  ])('refuses npm %s, whatever policy says', async (_name, args) => {
    await using inside = await openNpmBox(upstream, { allow: () => true, advisories: ADVISORIES })
    await writeFile(join(inside.project, 'package.json'), JSON.stringify({ name: 'boxed', version: '9.0.0' }))
    registry.seen.length = 0
    const outcome = await inside.npm([...args, `--//${registry.url.host}${registry.url.pathname}:_authToken=inside`])
    expect(outcome.code).not.toBe(0)
    expect(registry.seen.filter((line) => !/^GET \/api\/npm\/(-\/package\/)?boxed(\/dist-tags)? /.test(line))).toEqual(
      [],
    )
    const refused = inside.box.requests().filter((request) => request.status === 403)
    if (args[0] !== 'login') expect(outcome.stderr).toMatch(/read-only here|are served from the registry/)
    if (args[0] !== 'login') expect(refused.length).toBeGreaterThan(0)
  })

  test('serves nothing outside the path of the registry', async () => {
    await using inside = await openNpmBox(upstream, { allow: () => true, advisories: ADVISORIES })
    registry.seen.length = 0
    for (const path of [
      '/',
      '/storage/boxed-1.0.0.tgz',
      '/api/npm/../secrets',
      '/api/npm/%2e%2e/secrets',
      '/api/npm/boxed/-/../../../x.tgz',
      '/api/npm/-/whoami',
      '/api/npm/boxed%2f..%2f..',
      '/api/npm//evil',
      '/api/npm/boxed?what=was-found-inside',
      '/api/npm/boxed/-/boxed-1.0.0.tgz?what=was-found-inside',
    ]) {
      const curl = await runProgram(inside.box, [
        'curl',
        '-sS',
        '--noproxy',
        '',
        '--path-as-is',
        '-w',
        '%{http_code}',
        `${registry.url.origin}${path}`,
      ])
      expect([path, curl.stdout.slice(-3)]).toEqual([path, '403'])
    }
    expect(registry.seen).toEqual([])
  })

  test('invariant 3: does not give an answer that cannot be recorded', async () => {
    await using inside = await openNpmBox(upstream, { advisories: ADVISORIES, recorderFails: () => true })
    const outcome = await inside.npm(['view', 'boxed', 'version', '--fetch-retries=0'])
    expect(outcome.stderr).toContain('503')
    expect(outcome.stdout).toBe('')
  })

  test('answers npm audit from OSV records, and npm audit fix repairs the findings', async () => {
    await using inside = await openNpmBox(upstream, { advisories: ADVISORIES })
    await writeProject(inside.project, { boxed: '1.0.0 - 1.9.0', '@acme/inner': '2.0.0' })
    await inside.npm(['install', '--package-lock-only', 'boxed@1.0.0', '--save-prefix=^'])
    await writeProject(inside.project, { boxed: '^1.0.0', '@acme/inner': '^2.0.0' })
    const before = await inside.npm(['audit', '--json'])
    expect(before.code).toBe(1)
    const found = JSON.parse(before.stdout).vulnerabilities
    expect(Object.keys(found)).toEqual(['@acme/inner', 'boxed'])
    expect(found.boxed.via).toMatchObject([
      { url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc', severity: 'high', range: '<1.0.1' },
    ])
    expect(await inside.npm(['audit', 'fix', '--package-lock-only'])).toMatchObject({ code: 0 })
    expect(await inside.npm(['audit'])).toMatchObject({ code: 0 })
    const asked = inside.box.requests().filter((request) => request.service === 'advisories')
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(JSON.parse(inside.box.blobs.all.get(asked[0]?.requestDigest ?? '')?.toString() ?? '')).toEqual({
      boxed: ['1.0.0'],
      '@acme/inner': ['2.0.0'],
    })
    expect(registry.seen.some((line) => line.includes('advisories'))).toBe(false)
  })

  test('fails npm audit, instead of reporting no advisories, when the registry has none to give', async () => {
    await using inside = await openNpmBox(upstream)
    await writeProject(inside.project, { boxed: '^1.0.0' })
    await inside.npm(['install', '--package-lock-only'])
    const audit = await inside.npm(['audit', '--fetch-retries=0'])
    expect(audit.code).not.toBe(0)
    expect(audit.stdout).not.toContain('found 0 vulnerabilities')
  })

  test('bounds and checks advisory queries', async () => {
    await using inside = await openNpmBox(upstream, { advisories: ADVISORIES })
    const url = `${registry.url}-/npm/v1/security/advisories/bulk`
    const post = (...more: string[]) =>
      runProgram(inside.box, ['curl', '-sS', '--noproxy', '', '-w', '%{http_code}', ...more, url])
    expect((await post('-d', '{"boxed":["1.0.0"]}')).stdout).toMatch(/GHSA-aaaa-bbbb-cccc[^]*200$/)
    expect((await post('-d', '{"boxed":"1.0.0"}')).stdout).toMatch(/400$/)
    expect((await post('-d', '[[[')).stdout).toMatch(/400$/)
    expect((await post('-d', 'x', '-H', 'Content-Encoding: gzip')).stdout).toMatch(/400$/)
    expect((await post('-d', '{}', '-H', 'Content-Encoding: br')).stdout).toMatch(/400$/)
    expect((await post('-d', '{"constructor":["1.0.0"]}')).stdout).toBe('{}200')
    for (const value of ['1', '["1"]', '{"a":["1"]}']) {
      const { stdout } = await post('-d', `{"boxed":["1.0.0"],"\\u005f_proto__":${value}}`)
      expect(stdout).toMatch(/`__proto__` is not the name of a package[^]*400$/)
    }
    expect((await post('-d', '{"__proto__":1}')).stdout).toMatch(/400$/)
    expect((await post('-X', 'GET')).stdout).toMatch(/403$/)
    const versions = (count: number) => Array.from({ length: count }, (_, at) => `1.0.${at}`)
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`p${at}`, versions(600)]))
    for (const question of [{ boxed: versions(1001) }, many]) {
      await writeFile(join(inside.project, 'question'), JSON.stringify(question))
      expect((await post('-d', `@${join(inside.project, 'question')}`)).stdout).toMatch(/400$/)
    }
    const quick = await runProgram(inside.box, [
      'curl',
      '-sS',
      '--noproxy',
      '',
      '-w',
      '%{http_code}',
      '-d',
      '{}',
      `${registry.url}-/npm/v1/security/audits/quick`,
    ])
    expect(quick.stdout).toMatch(/bulk advisory endpoint[^]*403$/)
  })
})

describe("the registry that this machine's npm is configured for", async () => {
  const upstream = createNpmUpstream(await readNpmConfiguration({ env: process.env }))
  const unreachable = await upstream
    .ask({
      method: 'HEAD',
      place: registryPlace(new URL('ms', upstream.registries[0]), upstream.registries),
      headers: {},
      signal: AbortSignal.timeout(30_000),
    })
    .then(
      ({ status }) => (status === 200 ? null : `the registry answered ${status}`),
      (error: unknown) => `the registry can't be reached: ${String(error)}`,
    )
  afterAll(() => upstream[Symbol.asyncDispose]())

  test('npm view, install and ci go through the gateway', async (ctx) => {
    if (unreachable !== null) ctx.skip(unreachable)
    await using inside = await openNpmBox(upstream, { advisories: ADVISORIES })
    expect((await inside.npm(['view', 'ms@2.1.3', 'version'])).stdout.trim()).toBe('2.1.3')
    await writeProject(inside.project, { ms: '2.1.3', minimist: '1.2.0' })
    expect(await inside.npm(['install', '--package-lock-only'])).toMatchObject({ code: 0 })
    expect(await inside.npm(['ci'])).toMatchObject({ code: 0 })
    expect(existsSync(join(inside.project, 'node_modules/ms/index.js'))).toBe(true)
    expect(
      inside.box
        .requests()
        .map((request) => request.status)
        .filter((status) => status !== 200),
    ).toEqual([])
  })

  test('npm audit fix with real advisories', async (ctx) => {
    if (unreachable !== null) ctx.skip(unreachable)
    if (!existsSync(REAL_ADVISORIES)) ctx.skip('the collection of real advisories is not beside this checkout')
    await using inside = await openNpmBox(upstream, { advisories: REAL_ADVISORIES })
    await writeProject(inside.project, { minimist: '1.2.0' })
    await inside.npm(['install', '--package-lock-only'])
    await writeProject(inside.project, { minimist: '^1.2.0' })
    const before = await inside.npm(['audit', '--json'])
    const urls = JSON.parse(before.stdout)
      .vulnerabilities.minimist.via.map((via: { url: string }) => via.url.split('/').at(-1))
      .toSorted()
    expect(urls).toEqual(['GHSA-vh95-rmgr-6w4m', 'GHSA-xvch-5gv4-984h'])
    expect(await inside.npm(['audit', 'fix', '--package-lock-only'])).toMatchObject({ code: 0 })
    expect((await inside.npm(['audit'])).stdout).toContain('found 0 vulnerabilities')
  })
})
