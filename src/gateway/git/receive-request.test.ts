// An accepted push must mean the same to git. The oracle is git's own receive-pack.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBody } from './body-reader.ts'
import { GitProtocolError } from './git-protocol-error.ts'
import { encodePkt, FLUSH } from './pkt-line.ts'
import { readReceiveRequest } from './receive-request.ts'

const ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }
const EMPTY_PACK = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex')
const ZERO = '0'.repeat(40)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-receive-'))
  spawnSync('git', ['init', '--quiet', '--bare', join(folder, 'r.git')], { env: ENV })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Refs in git's own report; null when git does not recognise a push. */
function gitReads(body: Buffer): string[] | null {
  const { stdout } = spawnSync('git', ['receive-pack', '--stateless-rpc', join(folder, 'r.git')], {
    env: ENV,
    input: Buffer.concat([body, EMPTY_PACK]),
  })
  const lines = [...stdout.toString('utf8').matchAll(/[0-9a-f]{4}(?:ok|ng) (\S+)/g)].map((match) => match[1] as string)
  return lines.length === 0 ? null : lines
}

function parse(body: Buffer) {
  return readReceiveRequest(
    readBody(Readable.from([body], { objectMode: false }), { encoding: undefined, maxBytes: 1_000_000 }),
    'sha1',
  )
}

const id = fc.constantFrom(ZERO, 'a'.repeat(40), 'b'.repeat(40), 'a'.repeat(39), 'A'.repeat(40), 'a'.repeat(64), '')
const ref = fc.oneof(
  fc.constantFrom(
    'refs/heads/main',
    'refs/heads/x',
    'refs/tags/v1',
    'HEAD',
    'refs/heads/a b',
    'refs/heads/',
    'refs/heads/a\n',
    '',
    'config',
    'refs/heads/../x',
    'refs/heads/é',
  ),
  fc.string({ maxLength: 6 }).map((text) => `refs/heads/${text}`),
)
const space = fc.constantFrom(' ', ' ', ' ', '  ', '\t', '')
const end = fc.constantFrom('', '', '\n', '\n\n', ' ')
const line = fc.tuple(id, space, id, space, ref, end).map((parts) => parts.join(''))
const good = fc
  .tuple(
    fc.constantFrom(ZERO, 'b'.repeat(40)),
    fc.constant('a'.repeat(40)),
    fc.constantFrom('refs/heads/main', 'refs/heads/x', 'refs/heads/y', 'refs/tags/v1'),
    fc.constantFrom('', '\n'),
  )
  .map(([old, next, name, tail]) => `${old} ${next} ${name}${tail}`)
const capabilities = fc.constantFrom(
  '\0report-status',
  '\0 report-status agent=git/2',
  '\0report-status atomic quiet',
  '\0report-status side-band-9',
  '\0',
  '',
  '\nreport-status',
  '\0report-status\0x',
)

test('accepts only pushes that git reads with the same ref names', async () => {
  let taken = 0
  const lines = fc.array(fc.oneof({ weight: 3, arbitrary: good }, line), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(lines, capabilities, async ([first = '', ...others], caps) => {
      const bare = caps.startsWith('\0') ? first.replace(/\n$/, '') : first
      const body = Buffer.concat([
        encodePkt(`${bare}${caps}` || ' '),
        ...others.map((text) => encodePkt(text || ' ')),
        FLUSH,
      ])
      const request = await parse(body).catch((error: unknown) => {
        expect(error).toBeInstanceOf(GitProtocolError)
        return null
      })
      if (request === null) return
      taken++
      expect(gitReads(body)).toEqual(request.commands.map((command) => command.ref))
    }),
    { numRuns: 300 },
  )
  expect(taken).toBeGreaterThan(10)
})

test('parses creations, updates and deletions', async () => {
  const [a, b] = ['a'.repeat(40), 'b'.repeat(40)]
  const body = [
    `${ZERO} ${a} refs/heads/n\0report-status side-band-64k`,
    `${a} ${b} refs/heads/u`,
    `${a} ${ZERO} refs/heads/d`,
  ]
  const request = await parse(Buffer.concat([...body.map((text) => encodePkt(text)), FLUSH]))
  expect(request?.commands.map((command) => command.kind)).toEqual(['create', 'update', 'delete'])
  expect(request).toMatchObject({ sideBand: true, shallow: false, notOffered: [] })
})

test('distinguishes unsupported requests from malformed ones', async () => {
  const command = `${ZERO} ${'a'.repeat(40)} refs/heads/n`
  const ask = (caps: string) => parse(Buffer.concat([encodePkt(`${command}\0report-status ${caps}`), FLUSH]))
  expect((await ask('push-options'))?.notOffered).toEqual(['push-options'])
  expect((await ask('push-cert=nonce'))?.notOffered).toEqual(['push-cert=nonce'])
  expect((await ask('agent=git/2 object-format=sha1'))?.notOffered).toEqual([])
  await expect(ask('object-format=sha256')).rejects.toMatchObject({ code: 'malformed' })
  await expect(ask('object-format agent=x')).rejects.toMatchObject({ code: 'malformed' })
})

test('refuses a shallow line that git could not read', async () => {
  const command = `${ZERO} ${'a'.repeat(40)} refs/heads/n\0report-status`
  const push = (shallow: string) => parse(Buffer.concat([encodePkt(shallow), encodePkt(command), FLUSH]))
  expect(await push(`shallow ${'b'.repeat(40)}\n`)).toMatchObject({ shallow: true })
  for (const id of ['b', 'b'.repeat(39), '']) {
    expect(gitReads(Buffer.concat([encodePkt(`shallow ${id}`), encodePkt(command), FLUSH]))).toBeNull()
    await expect(push(`shallow ${id}`)).rejects.toMatchObject({ code: 'malformed' })
  }
  // Git would not look beyond an id's length.
  for (const id of ['b'.repeat(64), `${'b'.repeat(40)} `])
    await expect(push(`shallow ${id}`)).rejects.toMatchObject({ code: 'malformed' })
})

test('a lone flush is an empty push', async () => {
  expect(await parse(FLUSH)).toBeNull()
})
