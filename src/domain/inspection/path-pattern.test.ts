import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldPath, matchName, matchPattern, parsePattern, PatternText } from './path-pattern.ts'

const match = (pattern: string, path: string) => matchPattern(parsePattern(pattern), foldPath(Buffer.from(path)))

test.each([
  ['.npmrc', '.npmrc', 'inside'],
  ['.npmrc', 'packages/a/.npmrc', 'inside'],
  ['/.npmrc', 'packages/a/.npmrc', null],
  ['deploy/', 'deploy/production/values.yaml', 'inside'],
  ['deploy/', 'src/deploy/x', 'inside'],
  ['.github/workflows/', '.github/workflows/a/b.yml', 'inside'],
  ['.github/workflows/', 'sub/.github/workflows/b.yml', null],
  ['.github/workflows/', '.github', 'towards'],
  ['.github/workflows/', 'README.md', null],
  ['docs/**/secret.md', 'docs/a/b/secret.md', 'inside'],
  ['docs/**/secret.md', 'docs/secret.md', 'inside'],
  ['docs/**/secret.md', 'docs/a', 'towards'],
  ['**/a/b', 'x/y/a/b', 'inside'],
  ['Dockerfile*', 'sub/Dockerfile.dev', 'inside'],
  ['*.config.?s', 'vite.config.ts', 'inside'],
  ['*.config.?s', 'vite.config.mts', null],
])('%s on %s is %s', (pattern, path, expected) => expect(match(pattern, path)).toBe(expected))

test.each([
  ['other case', '.GitHub/WORKFLOWS/x.yml'],
  ['letters that fold to ASCII', '.gıthub/worKflowſ/x.yml'],
  ['full-width letters', '.ｇithub/workflows/x.yml'],
  ['characters that HFS+ skips', '.git\u200chub/work\u2060flows\ufeff/x.yml'],
  ['dots and spaces that NTFS drops', '.github./workflows /x.yml'],
  ['a stream of NTFS', '.github::$INDEX_ALLOCATION/workflows/x.yml'],
  ['separators of Windows', '.github\\workflows\\x.yml'],
])('%s is the same path to some file system', (_, path) => expect(match('.github/workflows/', path)).toBe('inside'))

test.each([
  ['!AGENTS.md', /only add/],
  ['a//b', /from the top/],
  ['../a', /without `\.` or/],
  ['', /from the top/],
  ['/', /from the top/],
  ['a\\b', /backslash/],
  ['[ab].md', /only `\*`/],
  ['a**', /whole folders/],
])('the pattern %s is refused', (text, message) => {
  expect(PatternText.safeParse(text).error?.issues[0]?.message).toMatch(message)
})

test('treats NFC and NFD as the same name', () => {
  expect(match('résumé/', 're\u0301sume\u0301/x')).toBe('inside')
})

test('wildcards match like the equivalent regular expression, in bounded time', () => {
  const asRegExp = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.]/g, '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, text, (p, t) => {
      expect(matchName(p, t)).toBe(asRegExp(p).test(t))
    }),
  )
  expect(matchName('*a'.repeat(100), 'a'.repeat(50) + 'b'.repeat(4000))).toBe(false)
})
