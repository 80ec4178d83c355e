// Pushes that no git client sends: broken framing, split bytes, commands that two parsers could read differently.
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visibleRefs } from '../../src/git/quarantine.ts'
import { mustGit } from './client-git.ts'
import { EMPTY_PACK, pkt, postPush, pushBody } from './raw-push.ts'
import { openWall, OWN_REF } from './wall.ts'
import type { Wall } from './wall.ts'

let wall: Wall
beforeAll(async () => {
  wall = await openWall()
})
afterAll(() => wall[Symbol.asyncDispose]())

const ZERO = '0'.repeat(40)
const FLUSH = Buffer.from('0000')
const create = (ref = OWN_REF, capabilities = 'report-status') => `${ZERO} ${wall.base} ${ref}\0${capabilities}`

const BROKEN: [string, () => Buffer][] = [
  ['nothing', () => Buffer.alloc(0)],
  ['no hex digits', () => Buffer.from('zzzz')],
  ['a sign in the length', () => Buffer.from('+00a123456')],
  ['a length below four', () => Buffer.from('0003')],
  ['an empty line', () => Buffer.concat([Buffer.from('0004'), FLUSH])],
  ['a length beyond the largest line', () => Buffer.concat([Buffer.from('fff5'), Buffer.alloc(65_521, 0x61)])],
  ['a line that ends too early', () => Buffer.from(`00ff${ZERO}`)],
  ['commands without a flush', () => pkt(create())],
  ['a delimiter among the commands', () => Buffer.concat([pkt(create()), Buffer.from('0001'), FLUSH])],
  ['no capabilities', () => Buffer.concat([pkt(`${ZERO} ${wall.base} ${OWN_REF}`), FLUSH])],
  ['capabilities on the second command', () => Buffer.concat([pkt(create()), pkt(create('refs/heads/x')), FLUSH])],
  ['two NULs', () => Buffer.concat([pkt(`${create()}\0more`), FLUSH])],
  ['a line feed in the name', () => Buffer.concat([pkt(create(`${OWN_REF}\nrefs/heads/main`)), FLUSH])],
  ['a line feed before the capabilities', () => Buffer.concat([pkt(create(`${OWN_REF}\n`)), FLUSH])],
  ['a space in the name', () => Buffer.concat([pkt(create(`${OWN_REF} x`)), FLUSH])],
  ['no name', () => Buffer.concat([pkt(create('')), FLUSH])],
  ['a name that climbs', () => Buffer.concat([pkt(create('refs/heads/../../config')), FLUSH])],
  ['a name outside refs', () => Buffer.concat([pkt(create('config')), FLUSH])],
  [
    'a name that is no UTF-8',
    () =>
      Buffer.concat([
        pkt(
          Buffer.concat([
            Buffer.from(`${ZERO} ${wall.base} refs/heads/`),
            Buffer.from([0xff]),
            Buffer.from('\0report-status'),
          ]),
        ),
        FLUSH,
      ]),
  ],
  ['upper case ids', () => Buffer.concat([pkt(`${ZERO} ${wall.base.toUpperCase()} ${OWN_REF}\0report-status`), FLUSH])],
  ['short ids', () => Buffer.concat([pkt(`${ZERO} ${wall.base.slice(0, 20)} ${OWN_REF}\0report-status`), FLUSH])],
  [
    'SHA-256 ids',
    () =>
      Buffer.concat([pkt(`${'0'.repeat(64)} ${'a'.repeat(64)} ${OWN_REF}\0report-status object-format=sha256`), FLUSH]),
  ],
  ['another object format', () => Buffer.concat([pkt(create(OWN_REF, 'report-status object-format=sha256')), FLUSH])],
  ['no report-status', () => Buffer.concat([pkt(create(OWN_REF, 'side-band-64k')), FLUSH])],
  ['a capability twice', () => Buffer.concat([pkt(create(OWN_REF, 'report-status report-status')), FLUSH])],
  [
    'a ref twice',
    () =>
      pushBody([
        { new: wall.base, ref: OWN_REF },
        { new: wall.base, ref: OWN_REF },
      ]),
  ],
  ['a command that changes nothing', () => pushBody([{ old: wall.base, new: wall.base, ref: OWN_REF }])],
  ['both ids zero', () => pushBody([{ new: ZERO, ref: OWN_REF }])],
  [
    '65 commands',
    () => pushBody(Array.from({ length: 65 }, (_, index) => ({ new: wall.base, ref: `refs/heads/b${index}` }))),
  ],
  [
    'a push certificate',
    () =>
      Buffer.concat([pkt('push-cert\0report-status'), pkt('certificate version 0.1\n'), pkt('push-cert-end\n'), FLUSH]),
  ],
  ['only a shallow line', () => Buffer.concat([pkt(`shallow ${wall.base}`), FLUSH])],
]

test.each(BROKEN)('%s is refused, recorded, and moves nothing', async (_what, body) => {
  const before = wall.events.length
  const { status, text } = await postPush(wall.url, body())
  expect([400, 413]).toContain(status)
  expect(text).toMatch(/^Glovebox: /)
  expect(wall.events.length).toBe(before + 1)
  expect(wall.last('net.requested')).toMatchObject({ status, decision: { allowed: false } })
  expect([...(await visibleRefs(wall.fixture.git, wall.quarantine)).keys()]).toEqual(['refs/heads/main'])
})

test('refuses data that is not a pack, with the error of git', async () => {
  for (const pack of [
    Buffer.alloc(0),
    Buffer.from('PACK'),
    Buffer.from('not a pack at all'),
    EMPTY_PACK.subarray(0, 20),
    Buffer.concat([EMPTY_PACK.subarray(0, 31), Buffer.from([0])]),
  ]) {
    const { status, text } = await postPush(wall.url, pushBody([{ new: wall.base, ref: OWN_REF }], { pack }))
    expect(status).toBe(200)
    expect(text).not.toContain('unpack ok')
    expect(text).toContain(`ng ${OWN_REF}`)
    expect(wall.last('git.pushed').accepted).toBe(false)
  }
})

test('refuses a pack that more bytes follow', async () => {
  const pack = Buffer.concat([EMPTY_PACK, Buffer.from('and more')])
  const { text } = await postPush(wall.url, pushBody([{ new: wall.base, ref: OWN_REF }], { pack }))
  expect(text).toContain('unpack more bytes follow the pack')
  expect(wall.last('git.pushed').accepted).toBe(false)
})

test('refuses an unknown id and an id of another object than a commit', async () => {
  const tree = await mustGit(wall.client, ['rev-parse', 'main^{tree}'], { cwd: wall.fixture.work })
  for (const id of [tree, 'a'.repeat(40)]) {
    const { text } = await postPush(wall.url, pushBody([{ new: id, ref: OWN_REF }]))
    expect(text).toMatch(
      /ng refs\S+ (a branch must point to a commit, not to a tree|the commits need objects that were not sent)/,
    )
  }
})

test('a push of an id does not reveal whether the mirror has that commit', async () => {
  const hidden = await mustGit(wall.client, ['rev-parse', 'hidden'], { cwd: wall.fixture.work })
  const [there, absent] = await Promise.all(
    [hidden, 'a'.repeat(40)].map((id) => postPush(wall.url, pushBody([{ new: id, ref: OWN_REF }]))),
  )
  expect(there?.text).toContain('the commits need objects that were not sent')
  expect(there).toEqual(absent)
})

test('accepts a push that arrives byte by byte', async () => {
  const body = pushBody([{ new: wall.base, ref: OWN_REF }])
  const answer = await sendSlowly(body)
  expect(answer).toContain('unpack ok')
  expect(answer).toContain(`ok ${OWN_REF}`)
  await mustGit(wall.client, ['--git-dir', join(wall.quarantine), 'update-ref', '-d', OWN_REF])
})

test('a push that breaks off moves no ref and leaves no file', async () => {
  const body = pushBody([{ new: wall.base, ref: OWN_REF }])
  const socket = connect(wall.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(head(body.length))
  socket.write(body.subarray(0, body.length - 5))
  await expect.poll(() => readdirSync(wall.quarantine).filter((name) => name.startsWith('incoming-'))).toHaveLength(1)
  socket.destroy()
  await expect.poll(() => wall.events.at(-1)).toMatchObject({ kind: 'git.pushed', body: { accepted: false } })
  expect([...(await visibleRefs(wall.fixture.git, wall.quarantine)).keys()]).toEqual(['refs/heads/main'])
})

function head(length: number): string {
  return `POST /storefront.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-git-receive-pack-request\r\nContent-Length: ${length}\r\n\r\n`
}

async function sendSlowly(body: Buffer): Promise<string> {
  const socket = connect(wall.port, '127.0.0.1').setNoDelay(true)
  let answer = ''
  const ended = new Promise((resolve) => socket.on('end', resolve))
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  socket.write(head(body.length))
  for (const byte of body) {
    socket.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await ended
  return answer
}
