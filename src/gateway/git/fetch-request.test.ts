import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBody } from './body-reader.ts'
import { readFetchRequest } from './fetch-request.ts'
import { DELIM, encodePkt, FLUSH } from './pkt-line.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)

function parse(version: 0 | 2, parts: readonly (string | Buffer)[]) {
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? encodePkt(part) : part)))
  const body = readBody(Readable.from([bytes], { objectMode: false }), { encoding: undefined, maxBytes: 100_000 })
  return readFetchRequest(body, { version, format: 'sha1' })
}

describe('protocol v2', () => {
  const fetch = (...args: string[]) =>
    parse(2, ['command=fetch', 'agent=git/2.39', 'object-format=sha1', DELIM, ...args, FLUSH])

  test('reads wants and haves, and passes on only haves that the client may know', async () => {
    const request = await fetch('thin-pack', 'ofs-delta', `want ${A}\n`, `have ${A}`, `have ${B}`, 'done')
    expect(request).toMatchObject({ command: 'fetch', wants: [A], haves: [A, B] })
    const passed = request?.encode(new Set([B])).toString()
    expect(passed).toContain(`have ${B}`)
    expect(passed).not.toContain(`have ${A}`)
    expect(passed).toContain(`want ${A}`)
  })

  test.each([
    ['filter blob:none'],
    ['want-ref refs/heads/main'],
    ['sideband-all'],
    ['packfile-uris https'],
    ['want HEAD'],
    [`want ${A} x`],
    ['deepen -1'],
    ['deepen-not --all'],
    [`have ${'a'.repeat(64)}`],
    ['constructor'],
    ['__proto__ x'],
    ['done 1'],
    [''],
  ])('refuses %j', async (line) => {
    await expect(fetch(`want ${A}`, line)).rejects.toMatchObject({ name: 'GitProtocolError' })
  })

  test.each([
    ['object-info', ['command=object-info', DELIM, 'size', FLUSH]],
    ['two commands', ['command=ls-refs', FLUSH, 'command=ls-refs', FLUSH]],
    ['two delimiters', ['command=ls-refs', DELIM, 'peel', DELIM, 'symrefs', FLUSH]],
    ['no end', ['command=ls-refs', DELIM, 'peel']],
    ['server options', ['command=ls-refs', 'server-option=x', DELIM, FLUSH]],
    ['another object format', ['command=ls-refs', 'object-format=sha256', DELIM, FLUSH]],
    ['a v0 request', [`want ${A} ofs-delta`, FLUSH, 'done']],
  ] as [string, (string | Buffer)[]][])('%s is not taken', async (_what, parts) => {
    await expect(parse(2, parts)).rejects.toMatchObject({ name: 'GitProtocolError' })
  })

  test('a lone flush is an empty request', async () => {
    expect(await parse(2, [FLUSH])).toBeNull()
  })
})

describe('protocol v0', () => {
  test('reads capabilities from the first want, and haves after the flush', async () => {
    const request = await parse(0, [
      `want ${A} multi_ack_detailed side-band-64k agent=git/2.39\n`,
      `want ${B}\n`,
      'deepen 1\n',
      FLUSH,
      `have ${B}\n`,
      'done\n',
    ])
    expect(request).toMatchObject({ command: 'fetch', wants: [A, B], haves: [B] })
    expect(request?.encode(new Set()).toString()).toBe(
      `0062want ${A} multi_ack_detailed side-band-64k agent=git/2.39\n0032want ${B}\n000ddeepen 1\n00000009done\n`,
    )
  })

  test.each([
    ['an unknown capability', [`want ${A} filter`, FLUSH]],
    ['allow-any', [`want ${A} allow-reachable-sha1-in-want`, FLUSH]],
    ['a have before the flush', [`want ${A}`, `have ${B}`, FLUSH]],
    ['a want after the flush', [`want ${A}`, FLUSH, `want ${B}`]],
    ['no want', ['done', FLUSH]],
    ['no flush', [`want ${A}`]],
    ['a delimiter', [`want ${A}`, DELIM, FLUSH]],
    ['a filter', [`want ${A}`, 'filter blob:none', FLUSH]],
  ] as [string, (string | Buffer)[]][])('%s is not taken', async (_what, parts) => {
    await expect(parse(0, parts)).rejects.toMatchObject({ name: 'GitProtocolError' })
  })
})

describe('any fetch request', () => {
  const id = fc.constantFrom(...['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)))
  const lines = fc.record({
    wants: fc.array(id, { minLength: 1, maxLength: 4 }),
    haves: fc.array(id, { maxLength: 4 }),
    shallows: fc.array(id, { maxLength: 4 }),
    done: fc.boolean(),
  })
  type Asked = { wants: string[]; haves: string[]; shallows: string[]; done: boolean }
  const args = ({ wants, haves, shallows, done }: Asked) => [
    ...wants.map((name) => `want ${name}`),
    ...shallows.map((name) => `shallow ${name}`),
    ...haves.map((name) => `have ${name}`),
    ...(done ? ['done'] : []),
  ]
  const parts = (version: 0 | 2, asked: Asked) => {
    if (version === 2) return ['command=fetch', DELIM, ...args(asked), FLUSH]
    const split = asked.wants.length + asked.shallows.length
    return [...args(asked).slice(0, split), FLUSH, ...args(asked).slice(split)]
  }

  test.each([0, 2] as const)('v%i: gives git only objects that the client may know of', async (version) => {
    await fc.assert(
      fc.asyncProperty(lines, fc.uniqueArray(id), async (asked, known) => {
        const request = await parse(version, parts(version, asked))
        expect(request).toMatchObject({ wants: [...new Set(asked.wants)], haves: [...new Set(asked.haves)] })
        const passed = request?.encode(new Set(known)).toString('latin1') ?? ''
        const told = [...passed.matchAll(/(?:have|shallow) ([0-9a-f]+)/g)].map((match) => match[1] as string)
        // An id that no object has stands in for haves that are not passed on.
        expect(told.filter((name) => !known.includes(name) && !/^0+$/.test(name))).toEqual([])
        for (const name of asked.wants) expect(passed).toContain(`want ${name}`)
      }),
    )
  })

  test('the request written for git parses as the same request', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom(0 as const, 2 as const), async (asked, version) => {
        const all = new Set([...asked.haves, ...asked.shallows])
        const once = (await parse(version, parts(version, asked)))?.encode(all) ?? Buffer.alloc(0)
        expect((await parse(version, [once]))?.encode(all)).toEqual(once)
      }),
    )
  })
})
