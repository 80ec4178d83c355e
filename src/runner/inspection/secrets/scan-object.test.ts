import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { needlesOf } from './needles.ts'
import { scanObject } from './scan-object.ts'

const KEY = `AKIA${'ABCDEFGHIJKLMNOP'}`
const TOKEN = `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`
const HELD = 'correct horse battery staple'
const needles = needlesOf(['short', HELD])
const scan = (bytes: Uint8Array | string) => scanObject(Buffer.from(bytes as string), needles, { left: 64 * 1024 ** 2 })
const found = async (bytes: Uint8Array | string) =>
  (await scan(bytes)).found.map(({ rule, how }) => [rule, how.join(' ')])

const utf16 = (text: string, order: 'LE' | 'BE', mark: boolean) => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le')
  return order === 'LE' ? bytes : bytes.swap16()
}
const wrapped = (text: string, width: number, end: string) => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`)
const zip = (content: Buffer, method = 8, flags = 0) => {
  const header = Buffer.alloc(30)
  header.write('PK\x03\x04', 'latin1')
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt16LE(5, 26)
  return Buffer.concat([header, Buffer.from('a.txt'), content])
}

const WRITTEN: [string, (text: string) => Uint8Array | string][] = [
  ['plain', (text) => `a\nb = "${text}"\n`],
  ['in binary data', (text) => Buffer.concat([Buffer.from([0, 1, 255, 0]), Buffer.from(text), Buffer.from([0, 200])])],
  ['UTF-16LE with a mark', (text) => utf16(`x=${text}\n`, 'LE', true)],
  ['UTF-16LE', (text) => utf16(`x=${text}\n`, 'LE', false)],
  ['UTF-16BE with a mark', (text) => utf16(`x=${text}\n`, 'BE', true)],
  ['UTF-16BE', (text) => utf16(`x=${text}\n`, 'BE', false)],
  ['UTF-16 behind an odd byte', (text) => Buffer.concat([Buffer.from('!'), utf16(text, 'LE', false)])],
  ['UTF-32', (text) => Buffer.from([...text].flatMap((char) => [char.charCodeAt(0), 0, 0, 0]))],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['base64 behind one byte', (text) => Buffer.from(`:${text}`).toString('base64')],
  ['base64 behind two bytes', (text) => Buffer.from(`: ${text}`).toString('base64')],
  ['base64url', (text) => Buffer.from(`???>>>${text}`).toString('base64url')],
  ['base64 in lines', (text) => wrapped(Buffer.from(`some words first ${text} and last`).toString('base64'), 8, '\n')],
  ['base64 in lines of Windows', (text) => wrapped(Buffer.from(text).toString('base64'), 16, '\r\n')],
  ['base64 in strings', (text) => `x = "${wrapped(Buffer.from(text).toString('base64'), 12, '" +\n    "')}"`],
  ['base64 in JSON', (text) => JSON.stringify({ k: wrapped(Buffer.from(text).toString('base64'), 12, '\n') })],
  ['base64 in prose', (text) => `the key of the shop is ${Buffer.from(text).toString('base64')} and so on`],
  ['base64 of base64', (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64')],
  ['base64 of UTF-16', (text) => Buffer.from(text, 'utf16le').toString('base64')],
  ['UTF-16 of base64', (text) => utf16(Buffer.from(text).toString('base64'), 'LE', true)],
  ['base64 of gzip', (text) => gzipSync(text).toString('base64')],
  ['hex', (text) => Buffer.from(text).toString('hex')],
  ['HEX in lines', (text) => wrapped(Buffer.from(text).toString('hex').toUpperCase(), 4, ' ')],
  ['bytes of C', (text) => [...Buffer.from(text)].map((byte) => `0x${byte.toString(16)}`).join(', ')],
  ['percent escapes', (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')],
  ['escapes of JavaScript', (text) => [...text].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join('')],
  ['some escapes', (text) => text.replaceAll(/[ABCabc]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)],
  ['entities', (text) => [...text].map((char) => `&#${char.charCodeAt(0)};`).join('')],
  ['gzip', (text) => gzipSync(`a ${text} b`)],
  ['zlib', (text) => deflateSync(`a ${text} b`)],
  ['zstd', (text) => zstdCompressSync(`a ${text} b`)],
  ['gzip of gzip', (text) => gzipSync(gzipSync(text))],
  ['zip', (text) => zip(deflateRawSync(`a ${text} b`))],
  ['zip without compression', (text) => zip(Buffer.from(text), 0)],
]

describe.each([
  ['AWS access key id', KEY],
  ['GitHub token', TOKEN],
  ['a secret that this Glovebox holds', HELD],
])('%s', (rule, secret) => {
  test.each(WRITTEN)('%s', async (_, write) => {
    expect((await found(write(secret))).map(([which]) => which)).toContain(rule)
  })

  test('is found with other bytes around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...WRITTEN.slice(0, 3), ...WRITTEN.slice(8, 13)),
        fc.uint8Array({ maxLength: 40 }),
        async ([, write], before) => {
          const bytes = Buffer.concat([before, Buffer.from('\n::'), Buffer.from(write(secret) as string)])
          expect((await found(bytes)).map(([which]) => which)).toContain(rule)
        },
      ),
      { numRuns: 30 },
    )
  })
})

test('reports the encoding of a credential, or the line of a plain one', async () => {
  expect((await scan(`a\nb\nkey ${KEY}\n`)).found).toMatchObject([{ how: [], line: 3 }])
  expect(await found(gzipSync(Buffer.from(TOKEN).toString('base64')))).toEqual([['GitHub token', 'gzip base64']])
})

test('finds no credential in random bytes and prose', async () => {
  const random = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919 + (at >> 3) * 104_729) & 0xff))
  expect(await scan(random)).toEqual({ found: [], closed: [], isWhole: true })
  expect(await scan('The quick brown fox jumps over the lazy dog. '.repeat(1000))).toMatchObject({ found: [] })
  expect(await found('a short none')).toEqual([])
})

test('a decompression bomb ends at the limit, and the rest is reported as not examined', async () => {
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024))
  expect(await scan(bomb)).toMatchObject({ isWhole: false })
  expect(await scanObject(Buffer.from('x'.repeat(1000)), needles, { left: 500 })).toMatchObject({ isWhole: false })
})

test('names archives that it cannot open', async () => {
  expect((await scan(Buffer.from('\xfd7zXZ\0 and so on', 'latin1'))).closed).toEqual(['xz'])
  expect((await scan(zip(Buffer.from('x'), 8, 1))).closed).toEqual(['encrypted zip'])
  expect((await scan(Buffer.from('\x1f\x8b\x08 broken', 'latin1'))).closed).toEqual(['damaged gzip'])
})
