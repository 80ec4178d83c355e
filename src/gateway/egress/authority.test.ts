import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorityText, parseAuthority } from './authority.ts'

describe('parseAuthority', () => {
  test.each([
    ['example.com:443', 'example.com:443'],
    ['EXAMPLE.com:8443', 'example.com:8443'],
    ['xn--bcher-kva.example:443', 'xn--bcher-kva.example:443'],
    ['localhost:80', 'localhost:80'],
    ['93.184.215.14:1', '93.184.215.14:1'],
    ['[2001:DB8:0:0::1]:65535', '[2001:db8::1]:65535'],
    ['[::ffff:1.2.3.4]:443', '[::ffff:102:304]:443'],
  ])('parses %s as %s', (text, read) => expect(authorityText(parseAuthority(text, null))).toBe(read))

  test.each([
    '',
    ':443',
    'a',
    'a:',
    'a:0',
    'a:00443',
    'a:0443',
    'a:65536',
    'a:99999',
    'a:-1',
    'a:4 43',
    'a:443:443',
    'u@a:443',
    'u:p@a:443',
    'a/b:443',
    'a.:443',
    '.a:443',
    'a..b:443',
    '-a:443',
    'a-:443',
    'a_b:443',
    'a b:443',
    'a%2eb:443',
    'a\0b:443',
    'a\r\nb:443',
    'b\u00fccher:443',
    'xn--:443',
    'xn--a-.com:443',
    'xn--\u00fc:443',
    '127.1:443',
    '0x7f.1:443',
    '017700000001:443',
    '2130706433:443',
    '127.0.0.01:443',
    '127.0.0.256:443',
    '1.2.3.4.5:443',
    'a.0x:443',
    'a.123:443',
    '[::1:443',
    '::1:443',
    '[::1%lo]:443',
    '[fe80::1%25eth0]:443',
    '[v1.x]:443',
    '[]:443',
    '[1::2::3]:443',
    `${'a'.repeat(64)}.com:443`,
    `${'a.'.repeat(127)}com:443`,
    '\uff41.com:443',
    'a\u3002com:443',
  ])('refuses %j', (text) => expect(() => parseAuthority(text, null)).toThrow(/not acceptable/))

  test('uses the default port only when the text has no port', () => {
    expect(parseAuthority('a.example', 443).port).toBe(443)
    expect(parseAuthority('a.example:80', 443).port).toBe(80)
  })

  const piece = fc.constantFrom(
    'a',
    'B',
    '0',
    '9',
    '.',
    '-',
    ':',
    '[',
    ']',
    '@',
    '/',
    '%',
    '\\',
    '#',
    '?',
    'xn--',
    '0x',
    '443',
    '127',
    '\0',
    ' ',
    '\t',
    '\u3002',
    '\u00df',
    '::',
    'ffff',
  )
  test('a URL parser reads every accepted authority as the same host and port', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
        (text) => {
          const authority = accepted(text)
          if (authority === null) return
          const url = new URL(`https://${text}/`)
          expect([url.hostname, Number(url.port || 443), url.username, url.pathname]).toEqual([
            authority.host,
            authority.port,
            '',
            '/',
          ])
          expect(accepted(authorityText(authority))).toEqual(authority)
        },
      ),
      { numRuns: 20_000 },
    )
  })
})

function accepted(text: string): ReturnType<typeof parseAuthority> | null {
  try {
    return parseAuthority(text, 443)
  } catch {
    return null
  }
}
