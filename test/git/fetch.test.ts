import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { updateMirror } from '../../src/git/mirror.ts'
import { mustGit } from './client-git.ts'
import { commitFile } from './forge-fixture.ts'
import { pkt } from './raw-push.ts'
import { openWall, OWN_REF } from './wall.ts'
import type { Wall } from './wall.ts'

let wall: Wall
beforeEach(async () => {
  wall = await openWall()
})
afterEach(() => wall[Symbol.asyncDispose]())

describe.each([0, 1, 2])('with git protocol v%i', (version) => {
  const protocol = ['-c', `protocol.version=${version}`]

  test('a clone shows HEAD and the one branch, and both are recorded', async () => {
    await mustGit(wall.client, [...protocol, 'clone', '--quiet', wall.url, 'box'])
    const refs = await mustGit(wall.client, [...protocol, 'ls-remote', wall.url])
    expect(refs.split('\n').map((line) => line.split('\t')[1])).toEqual(['HEAD', 'refs/heads/main'])
    expect(await mustGit(wall.client, ['rev-parse', 'HEAD'], { cwd: join(wall.fixture.folder, 'box') })).toBe(wall.base)
    const fetched = wall.events.filter((event) => event.kind === 'git.fetched').map((event) => event.body)
    expect(
      fetched.some((body) => body.command === 'fetch' && body.wants.includes(wall.base) && body.decision.allowed),
    ).toBe(true)
  })

  test('refuses a hidden commit, even to a client that knows its id', async () => {
    const hidden = await mustGit(wall.client, ['rev-parse', 'hidden'], { cwd: wall.fixture.work })
    await mustGit(wall.client, ['init', '--quiet', 'thief'])
    const thief = { cwd: join(wall.fixture.folder, 'thief') }
    const { code, stderr } = await wall.client([...protocol, 'fetch', wall.url, hidden], thief)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/not our ref|unadvertised object/)
    expect((await wall.client(['cat-file', '-e', hidden], thief)).code).not.toBe(0)
  })

  test('a shallow clone and its completion work', async () => {
    await mustGit(wall.client, [...protocol, 'clone', '--quiet', '--depth=1', wall.url, 'box'])
    const box = { cwd: join(wall.fixture.folder, 'box') }
    expect(await mustGit(wall.client, ['rev-list', '--count', 'HEAD'], box)).toBe('1')
    await mustGit(wall.client, [...protocol, 'fetch', '--quiet', '--unshallow'], box)
    expect(await mustGit(wall.client, ['rev-list', '--count', 'HEAD'], box)).toBe('2')
  })

  test('a fetch into an unrelated history works', async () => {
    await mustGit(wall.client, ['init', '--quiet', 'other'])
    const other = join(wall.fixture.folder, 'other')
    await commitFile(wall.client, other, 'own.txt', 'own\n', 'own')
    await mustGit(wall.client, [...protocol, 'fetch', '--quiet', wall.url, 'main:theirs'], { cwd: other })
    expect(await mustGit(wall.client, ['rev-parse', 'theirs'], { cwd: other })).toBe(wall.base)
  })

  test('a fetch works if the client has commits of its own, some of them in a hidden branch of the mirror', async () => {
    await mustGit(wall.client, [...protocol, 'clone', '--quiet', wall.fixture.forge, 'box'])
    const box = { cwd: join(wall.fixture.folder, 'box') }
    await mustGit(wall.client, ['switch', '--quiet', 'hidden'], box)
    await mustGit(wall.client, ['update-ref', '-d', 'refs/remotes/origin/main'], box)
    await mustGit(wall.client, [...protocol, 'fetch', '--quiet', wall.url, `refs/heads/main:refs/heads/again`], box)
    expect(await mustGit(wall.client, ['rev-parse', 'again'], box)).toBe(wall.base)
  })
})

test.each([0, 2])('a client cannot find out whether the mirror has a commit by claiming it (v%i)', async (version) => {
  const hidden = await mustGit(wall.client, ['rev-parse', 'hidden'], { cwd: wall.fixture.work })
  const ask = async (have: string) => {
    const want = `want ${wall.base}`
    const lines =
      version === 2
        ? [pkt('command=fetch'), '0001', pkt(`${want}\n`), pkt(`have ${have}\n`), '0000']
        : [pkt(`${want} multi_ack_detailed\n`), '0000', pkt(`have ${have}\n`), '0000']
    const answer = await fetch(`${wall.url}/git-upload-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': `version=${version}` },
      body: new Uint8Array(Buffer.concat(lines.map((line) => Buffer.from(line)))),
    })
    return answer.text()
  }
  expect(await ask(await mustGit(wall.client, ['rev-parse', 'main~1'], { cwd: wall.fixture.work }))).toMatch(
    /ACK [0-9a-f]{40}/,
  )
  expect(await ask(hidden)).not.toMatch(/ACK [0-9a-f]{40}/)
  expect(await ask(hidden)).toBe(await ask('c'.repeat(40)))
})

test.each([0, 2])('refuses a hidden history to a client that claims to be shallow there (v%i)', async (version) => {
  const cwd = wall.fixture.work
  await mustGit(wall.client, ['switch', '--quiet', 'hidden'], { cwd })
  const tip = await commitFile(wall.client, cwd, 'more.txt', 'more\n', 'on top')
  await mustGit(wall.client, ['push', '--quiet', 'origin', 'hidden'], { cwd })
  const mirror = join(wall.fixture.folder, 'mirror.git')
  await updateMirror(wall.fixture.git, mirror, { address: wall.fixture.forge, kind: 'local' })
  const objectsSent = async (shallow: string, depth: string) => {
    const lines =
      version === 2
        ? ['command=fetch', '0001', `want ${wall.base}`, `shallow ${shallow}`, `deepen ${depth}`, 'done', '0000']
        : [`want ${wall.base} ofs-delta`, `shallow ${shallow}`, `deepen ${depth}`, '0000', 'done']
    const answer = await fetch(`${wall.url}/git-upload-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': `version=${version}` },
      body: new Uint8Array(Buffer.concat(lines.map((line) => (/^000\d$/.test(line) ? Buffer.from(line) : pkt(line))))),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(bytes.includes('PACK')).toBe(true)
    return bytes.readUInt32BE(bytes.indexOf('PACK') + 8)
  }
  // git reads this depth as "everything", and then sends the parents of every commit that the client called shallow.
  const all = await objectsSent(wall.base, '2147483647')
  expect(all).toBeGreaterThan(0)
  expect(await objectsSent(tip, '2147483647')).toBeLessThanOrEqual(7)
  expect(await objectsSent(tip, '2147483647')).toBe(await objectsSent('c'.repeat(40), '2147483647'))
})

test('a clone that policies deny ends with the reason', async () => {
  wall.faults.deny = true
  const { code, stderr } = await wall.client(['clone', wall.url, 'box'])
  expect(code).not.toBe(0)
  expect(stderr).toContain('remote: Glovebox: denied by policy no-git')
  expect(wall.last('git.fetched').decision).toEqual({ allowed: false, reasons: ['no-git'] })
})

test('sends nothing if the record cannot be written', async () => {
  wall.faults.record = true
  const { code, stderr } = await wall.client(['clone', wall.url, 'box'])
  expect(code).not.toBe(0)
  expect(stderr).toContain('503')
})

test.each([
  ['GET', '/other.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/storefront.git/info/refs', 403],
  ['GET', '/storefront.git/info/refs?service=git-upload-archive', 403],
  ['GET', '/storefront.git/info/refs?service=git-upload-pack&x=1', 403],
  ['GET', '/storefront.git//info/refs?service=git-upload-pack', 403],
  ['GET', '/storefront.git/%2e%2e/other.git/info/refs?service=git-upload-pack', 404],
  ['GET', '/storefront.git%2finfo/refs?service=git-upload-pack', 404],
  ['GET', '/storefront.git/HEAD', 403],
  ['GET', '/storefront.git/objects/info/packs', 403],
  ['GET', '/storefront.gitx/info/refs?service=git-upload-pack', 404],
  ['GET', '/', 404],
  ['PUT', '/storefront.git/git-receive-pack', 403],
  ['POST', '/storefront.git/git-upload-archive', 403],
  ['POST', '/storefront.git/git-upload-pack', 415],
] as const)('%s %s is refused, explained and recorded', async (method, path, status) => {
  const response = await rawRequest(
    wall.port,
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  )
  expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(response).toContain('\r\n\r\n')
  expect(response).toContain('Glovebox: ')
  expect(wall.last('net.requested')).toMatchObject({ status, service: 'git', decision: { allowed: false } })
})

test('the fetch endpoint refuses a push', async () => {
  const create = `${'0'.repeat(40)} ${wall.base} ${OWN_REF}\0report-status`
  const body = `${(create.length + 4).toString(16).padStart(4, '0')}${create}0000`
  for (const version of ['version=0', 'version=2']) {
    const answer = await fetch(`${wall.url}/git-upload-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': version },
      body,
    })
    expect(answer.status).toBe(400)
  }
  const refs = await mustGit(wall.client, ['for-each-ref', '--format=%(refname)'], { cwd: wall.quarantine })
  expect(refs).toBe('refs/heads/main')
})

async function rawRequest(port: number, text: string): Promise<string> {
  const { connect } = await import('node:net')
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
    socket.write(text)
  })
}
