import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRegistryPath } from './registry-path.ts'

const REGISTRY = new URL('https://r.example/npm/')
const kind = (path: string): string | undefined => parseRegistryPath(new URL(path, REGISTRY), REGISTRY)?.kind

describe('parseRegistryPath', () => {
  test.each([
    ['ms', 'packument'],
    ['JSONStream', 'packument'],
    ['@scope/name', 'packument'],
    ['@scope%2fname', 'packument'],
    ['%40scope%2Fname', 'packument'],
    ['ms/2.1.3', 'manifest'],
    ['@scope/name/latest', 'manifest'],
    ['ms/-/ms-2.1.3.tgz', 'tarball'],
    ['@scope/name/-/name-1.0.0-rc.1.tgz', 'tarball'],
    ['@scope/name/-/@scope/name-1.0.0.tgz', 'tarball'],
    ['-/package/ms/dist-tags', 'dist-tags'],
    ['-/package/@scope%2fname/dist-tags', 'dist-tags'],
    ['-/ping', 'ping'],
    ['-/npm/v1/keys', 'keys'],
    ['-/v1/search?text=x', 'search'],
    ['-/npm/v1/attestations/ms@2.1.3', 'attestations'],
    ['-/npm/v1/attestations/@scope/name@1.0.0', 'attestations'],
    ['-/npm/v1/security/advisories/bulk', 'advisories'],
    ['-/npm/v1/security/audits/quick', 'quick-audit'],
  ])('%s is a %s', (path, expected) => expect(kind(path)).toBe(expected))

  test.each([
    '',
    '-/whoami',
    '-/npm/v1/user',
    '-/npm/v1/tokens',
    '-/user/org.couchdb.user:ada',
    '-/all',
    '-/package/ms/collaborators',
    '-/team/a/b',
    '-/org/a/user',
    'ms/-rev/1',
    'ms/-/ms-2.1.3.tgz/-rev/1',
    'ms/-/a/b.tgz',
    'ms%2f..%2fx',
    'ms%00',
    '..%2fadmin',
    '/ms',
    'ms/',
    'ms//1.0.0',
    '../other/ms',
    '@scope',
    '@scope/',
    '@/name',
    'a b',
    'ms/1.0.0/extra',
    'https://other.example/npm/ms',
    '_design/app',
    '-/-/ping',
    '-',
    '--whoami',
    '-x/1.0.0',
    'node_modules',
    'favicon.ico',
    `${'a'.repeat(300)}`,
  ])('%j is not a path of a read-only registry', (path) => expect(kind(path)).toBeUndefined())

  const piece = fc.constantFrom(
    ...[
      'a',
      'B',
      '1.0.0',
      '@s',
      '%40s',
      '/',
      '%2f',
      '%2F',
      '-',
      '/-/',
      '.',
      '..',
      '%2e',
      '%25',
      '\\',
      '//',
      '_',
      '~',
      '.tgz',
    ],
    ...['-/package/', '/dist-tags', '-/npm/v1/attestations/', '@', '%00', '?', '#', ' ', '\u00e9'],
  )
  test('a known path stays the same path, however often it is decoded', () => {
    let known = 0
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const url = URL.parse(pieces.join(''), REGISTRY.href)
        if (url === null || parseRegistryPath(url, REGISTRY) === null) return
        known++
        const decoded = decodeURIComponent(url.pathname.slice(REGISTRY.pathname.length))
        expect(decodeURIComponent(decoded)).toBe(decoded)
        expect(decoded.split('/').filter((part) => ['', '.', '..'].includes(part))).toEqual([])
        expect(decoded).toMatch(/^[\w@./~+-]+$/)
      }),
      { numRuns: 5000 },
    )
    expect(known).toBeGreaterThan(50)
  })
})
