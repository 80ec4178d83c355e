// Repositories and files beside the run's own repository, granted by the configuration and the task. Uses the built-in
// policies, real git on both sides, and a stand-in for the hosts.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGitService } from '../../src/gateway/git/git-service.ts'
import { resolveRef, updateMirror } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { baseEnvironment } from '../../src/runner/environment.ts'
import { mustGit } from '../git/client-git.ts'
import type { ForgeFixture } from '../git/forge-fixture.ts'
import { commitFile, createForge } from '../git/forge-fixture.ts'
import { ENGINE, RUN } from '../policy/policy-bench.ts'
import { openFixture, openStandIn } from './gateway-fixture.ts'
import type { Fixture } from './gateway-fixture.ts'
import { runProgram } from './programs.ts'
import type { Outcome } from './programs.ts'

const HOST = 'git.example.com'
const BACKEND = '/usr/lib/git-core/git-http-backend'

let forge: ForgeFixture
let stack: AsyncDisposableStack
/** Method and path of requests that reached the hosts. */
let arrived: string[]
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  arrived = []
  forge = stack.use(await createForge())
  const { client, folder, work } = forge
  await mustGit(client, ['init', '--quiet', '--bare', join(folder, 'acme', 'lib.git')])
  await mustGit(client, ['clone', '--quiet', join(folder, 'acme', 'lib.git'), 'lib'])
  await commitFile(client, join(folder, 'lib'), 'lib.txt', 'the library\n', 'lib')
  await mustGit(client, ['push', '--quiet', 'origin', 'HEAD:main'], { cwd: join(folder, 'lib') })
  await mustGit(client, ['submodule', '--quiet', 'add', join(folder, 'acme', 'lib.git'), 'lib'], { cwd: work })
  await mustGit(client, ['config', '-f', '.gitmodules', 'submodule.lib.url', '../lib.git'], { cwd: work })
  await mustGit(client, ['commit', '--quiet', '-am', 'submodule'], { cwd: work })
  await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
})
afterEach(() => stack.disposeAsync())

interface Box {
  fixture: Fixture
  git(...args: string[]): Promise<Outcome>
}

/** A gateway for a run on the host's `acme/app`, with the `reach` of its task. */
async function openBox(hosts: { git: string[]; read: string[] }): Promise<Box> {
  const mirror = join(forge.folder, 'mirror.git')
  await updateMirror(forge.git, mirror, { address: forge.forge, kind: 'local' })
  const base = await resolveRef(forge.git, mirror, 'main')
  const quarantine = join(forge.folder, 'quarantine.git')
  await createQuarantine(forge.git, { path: quarantine, mirror, branch: 'main', commit: base })
  const upstream = stack.use(await openStandIn(HOST, serve))
  const principal = { ...RUN, attributes: { ...RUN.attributes, gitHosts: hosts.git, readHosts: hosts.read } }
  const fixture = stack.use(
    await openFixture({
      ...upstream,
      allow: (question) => ENGINE.decide({ principal, ...question }).allowed,
      services: (context) => [
        createGitService({
          originUrl: `https://${HOST}/acme/app.git`,
          quarantine,
          baseCommit: base,
          context,
          git: forge.git,
        }),
      ],
    }),
  )
  const environment = baseEnvironment(
    { task: 't' },
    {
      toolchain: { mounts: [], path: [], environment: {}, versions: {} },
      gateway: { environment: fixture.environment, trustFiles: [], close: async () => {} },
      baseTime: 0,
      gitHosts: hosts.git,
    },
  )
  const env = { ...environment, HOME: fixture.directory, PATH: process.env['PATH'] ?? '' }
  return { fixture, git: (...args) => runProgram(fixture, ['git', ...args], { env }) }
}

/** Stand-in for any host: repositories through git's CGI program, the batch endpoint of Git LFS, and a file. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', `https://${request.headers.host}`)
  arrived.push(`${request.method} ${url.hostname}${url.pathname}`)
  if (/\/info\/lfs\/objects\/batch$|^\/objects\//.test(url.pathname)) return void response.end('{}\n')
  const cgi = spawn(BACKEND, {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: forge.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method ?? '',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      REMOTE_USER: 'anybody',
    },
  })
  request.pipe(cgi.stdin)
  const chunks: Buffer[] = []
  cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  cgi.on('close', () => {
    const answer = Buffer.concat(chunks)
    const end = answer.indexOf('\r\n\r\n')
    for (const line of answer.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(': ')
      if (name === 'Status') response.statusCode = Number(value.slice(0, 3))
      else response.setHeader(name, value)
    }
    response.end(answer.subarray(end + 4))
  })
}

const GRANTED = { git: [HOST], read: [] }

describe('a granted host', () => {
  test('fetches a submodule beside the repository and records it', async () => {
    const { fixture, git } = await openBox(GRANTED)
    const clone = await git('clone', '--quiet', `https://${HOST}/acme/app.git`, 'app')
    expect(clone).toMatchObject({ code: 0, stderr: '' })
    expect(arrived).toEqual([])
    const update = await git('-C', 'app', 'submodule', '--quiet', 'update', '--init')
    expect(update, update.stderr).toMatchObject({ code: 0 })
    expect((await git('-C', 'app', 'submodule', 'status')).stdout).toMatch(/^ [0-9a-f]{40} lib /)
    const requests = fixture.requests().filter(({ service }) => service === 'egress')
    expect(requests.map(({ method, url, status }) => `${status} ${method} ${url}`)).toEqual([
      `200 GET https://${HOST}/acme/lib.git/info/refs?service=git-upload-pack`,
      `200 POST https://${HOST}/acme/lib.git/git-upload-pack`,
      `200 POST https://${HOST}/acme/lib.git/git-upload-pack`,
    ])
  })

  test.each([`ssh://git@${HOST}/acme/lib.git`, `git@${HOST}:acme/lib.git`, `git://${HOST}/acme/lib.git`])(
    '%s is read as https',
    async (address) => {
      const { git } = await openBox(GRANTED)
      expect((await git('ls-remote', address)).stdout).toMatch(/\trefs\/heads\/main\n/)
    },
  )

  test('a run cannot push there', async () => {
    const { fixture, git } = await openBox(GRANTED)
    await git('clone', '--quiet', `https://${HOST}/acme/lib.git`, 'lib')
    const push = await git('-C', 'lib', 'push', 'origin', 'HEAD:refs/heads/evil')
    expect(push.code).not.toBe(0)
    expect(arrived.filter((line) => line.includes('POST') && line.includes('receive-pack'))).toEqual([])
    expect(fixture.requests().at(-1)).toMatchObject({ status: 403, decision: { allowed: false } })
  })

  test('allows Git LFS downloads and refuses uploads', async () => {
    const { fixture } = await openBox({ git: [HOST], read: [HOST] })
    const curl = (...args: string[]) =>
      runProgram(fixture, ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', ...args])
    const [batch, file] = [`https://${HOST}/acme/app.git/info/lfs/objects/batch`, `https://${HOST}/objects/1`]
    expect((await curl('--data', '{}', batch)).stdout).toBe('200')
    expect((await curl(file)).stdout).toBe('200')
    for (const url of [file, batch]) expect((await curl('-X', 'PUT', '--data', 'x', url)).stdout).toBe('403')
    expect(arrived).toEqual([`POST ${HOST}/acme/app.git/info/lfs/objects/batch`, `GET ${HOST}/objects/1`])
  })

  test('refuses a request that only looks like a fetch', async () => {
    const { fixture } = await openBox(GRANTED)
    const curl = (...args: string[]) =>
      runProgram(fixture, ['curl', '-sS', '--path-as-is', '-o', '/dev/null', '-w', '%{http_code}', ...args])
    for (const path of ['/acme/lib.git/HEAD', '/acme%2flib.git/info/refs', '/a//info/refs', '/x;/info/refs', '/login'])
      expect([path, (await curl(`https://${HOST}${path}`)).stdout]).toEqual([path, '403'])
    for (const url of [`http://${HOST}/acme/lib.git/info/refs`, `https://${HOST}:8443/acme/lib.git/info/refs`])
      expect([url, (await curl(url)).stdout]).toEqual([url, expect.stringMatching(/^(403|421)$/)])
    expect(arrived).toEqual([])
  })
})

describe('a host that is not granted', () => {
  test('refuses a submodule with an explanation, and the clone works', async () => {
    const { fixture, git } = await openBox({ git: [], read: [] })
    expect(await git('clone', '--quiet', `https://${HOST}/acme/app.git`, 'app')).toMatchObject({ code: 0, stderr: '' })
    const update = await git('-C', 'app', 'submodule', 'update', '--init')
    expect(update.code).not.toBe(0)
    expect(update.stderr).toMatch(/403/)
    expect(fixture.requests().at(-1)).toMatchObject({ service: 'egress', status: 403, decision: { allowed: false } })
    expect(arrived).toEqual([])
  })

  test('explains in one sentence why ssh does not work and what to use', async () => {
    const { git } = await openBox({ git: [], read: [] })
    for (const address of [`ssh://git@${HOST}/acme/lib.git`, `git@${HOST}:acme/lib.git`]) {
      const { code, stderr } = await git('ls-remote', address)
      expect(code).not.toBe(0)
      expect(
        stderr.match(/Glovebox: ssh does not leave the sandbox\. Use the https address; where `reach`/g),
      ).toHaveLength(1)
    }
  })
})

test('a .lfsconfig or attributes of Git LFS do not break a clone', async () => {
  const { client, work } = forge
  await writeFile(join(work, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n')
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 4\n`
  await commitFile(client, work, 'model.bin', pointer, 'lfs')
  await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
  const { fixture, git } = await openBox({ git: [], read: [] })
  // Like a system-wide Git LFS: the filter is required, and fails when it should load a file.
  const filter = join(fixture.directory, 'lfs-filter')
  await writeFile(filter, '#!/bin/sh\n[ "$GIT_LFS_SKIP_SMUDGE" = 1 ] && exec cat\nexit 1\n', { mode: 0o755 })
  const settings = ['-c', `filter.lfs.smudge=${filter}`, '-c', 'filter.lfs.clean=cat', '-c', 'filter.lfs.required=true']
  expect(await git(...settings, 'clone', '--quiet', `https://${HOST}/acme/app.git`, 'app')).toMatchObject({ code: 0 })
  expect((await git('-C', 'app', 'show', 'HEAD:model.bin')).stdout).toBe(pointer)
})
