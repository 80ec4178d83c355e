import { expect, test } from 'vitest'
import { isLockfile, newOrigins } from './lockfile-origins.ts'

function lockfile(...resolved: string[]): string {
  const entries = resolved.map((url, index) => [`node_modules/p${index}`, { version: '1.0.0', resolved: url }])
  return JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(entries) })
}

const REGISTRY = 'https://registry.example/p/-/p-1.0.0.tgz'

test.each([
  ['a tarball elsewhere', 'https://evil.example/p-1.0.0.tgz', ['https://evil.example']],
  ['git over ssh', 'git+ssh://git@forge.example/org/p.git#abc', ['git+ssh://forge.example']],
  ['the registry without TLS', 'http://registry.example/p/-/p-1.0.0.tgz', ['http://registry.example']],
  ['a path', 'file:../p', ['file: (a path)']],
  ['nonsense', '??', ['an invalid address']],
  ['the same registry', REGISTRY, []],
])('%s', (_, resolved, expected) => {
  expect(newOrigins(lockfile(REGISTRY), lockfile(REGISTRY, resolved))).toEqual(expected)
})

test('a first lockfile has only new origins, a removed one has none', () => {
  expect(newOrigins(null, lockfile(REGISTRY))).toEqual(['https://registry.example'])
  expect(newOrigins(lockfile(REGISTRY), null)).toEqual([])
})

test('an address in place of a version counts as an origin; an alias or a range does not', () => {
  const v1 = (entry: object) => newOrigins(null, JSON.stringify({ lockfileVersion: 1, dependencies: { a: entry } }))
  expect(v1({ version: 'https://evil.example/a-1.0.0.tgz' })).toEqual(['https://evil.example'])
  expect(v1({ version: 'git+ssh://git@forge.example/a.git#abc' })).toEqual(['git+ssh://forge.example'])
  expect(v1({ version: 'latest', from: 'https://evil.example/a.tgz' })).toEqual(['https://evil.example'])
  expect(v1({ version: 'npm:b@1.0.0', from: 'a@^1.0.0' })).toEqual([])
})

test('reads version 1 at any depth that an attacker chooses', () => {
  const deep = `${'{"dependencies":{"a":'.repeat(3000)}{"resolved":"https://evil.example/a.tgz"}${'}}'.repeat(3000)}`
  expect(newOrigins(null, deep)).toEqual(['https://evil.example'])
  expect(newOrigins(null, '{"resolved":')).toEqual([])
})

test('recognises a lockfile in any folder', () => {
  expect(
    ['package-lock.json', 'a/b/npm-shrinkwrap.json', 'a/package-lock.json.bak', 'my-package-lock.json'].map(isLockfile),
  ).toEqual([true, true, false, false])
})
