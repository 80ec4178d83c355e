import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LockfileError, parseLockfile, type LockedPackage } from './lockfile.ts'

const lock = (content: object): LockedPackage[] => parseLockfile(JSON.stringify(content))

describe('parseLockfile', () => {
  test('version 3: lists nested copies, aliases and dev, without the root, workspaces and links', () => {
    expect(
      lock({
        lockfileVersion: 3,
        packages: {
          '': { name: 'app', version: '9.9.9' },
          'packages/tool': { version: '8.8.8' },
          'node_modules/tool': { resolved: 'packages/tool', link: true },
          'node_modules/a': { version: '1.0.0' },
          'node_modules/a/node_modules/@s/b': { version: '2.0.0-rc.1', dev: true },
          'node_modules/alias': { name: 'real', version: '3.0.0' },
          'packages/tool/node_modules/a': { version: '1.1.0', devOptional: true },
          'node_modules/unversioned': { resolved: 'file:../x' },
        },
      }),
    ).toEqual([
      { name: 'a', version: '1.0.0', path: 'node_modules/a', dev: false },
      { name: '@s/b', version: '2.0.0-rc.1', path: 'node_modules/a/node_modules/@s/b', dev: true },
      { name: 'real', version: '3.0.0', path: 'node_modules/alias', dev: false },
      { name: 'a', version: '1.1.0', path: 'packages/tool/node_modules/a', dev: false },
    ])
  })

  test('reads each package of version 2 once', () => {
    const packages = { 'node_modules/a': { version: '1.0.0' } }
    expect(lock({ lockfileVersion: 2, packages, dependencies: { a: { version: '1.0.0' } } })).toHaveLength(1)
  })

  test('version 1: lists nested dependencies and aliases, without folders', () => {
    const found = lock({
      lockfileVersion: 1,
      dependencies: {
        a: { version: '1.0.0', dependencies: { '@s/b': { version: '2.0.0', dev: true } } },
        alias: { version: 'npm:@s/real@3.0.0' },
        local: { version: 'file:../local' },
        git: { version: 'git+ssh://git@example.com/x.git#abc' },
      },
    })
    expect(found.map(({ name, version, path, dev }) => [name, version, path, dev])).toEqual(
      expect.arrayContaining([
        ['a', '1.0.0', 'node_modules/a', false],
        ['@s/b', '2.0.0', 'node_modules/a/node_modules/@s/b', true],
        ['@s/real', '3.0.0', 'node_modules/alias', false],
        ['git', 'git+ssh://git@example.com/x.git#abc', 'node_modules/git', false],
      ]),
    )
    expect(found).toHaveLength(4)
  })

  test('accepts a lockfile without packages, and skips a byte order mark', () => {
    expect(lock({ lockfileVersion: 3 })).toEqual([])
    expect(parseLockfile('\ufeff{"lockfileVersion":1}')).toEqual([])
  })

  test('treats __proto__ and constructor like any other name', () => {
    const found = parseLockfile(
      '{"lockfileVersion":3,"packages":{"node_modules/__proto__":{"version":"1.0.0"},"__proto__":{"version":"2"},"node_modules/x":{"__proto__":{"version":"6.6.6"}}}}',
    )
    expect(found).toEqual([{ name: '__proto__', version: '1.0.0', path: 'node_modules/__proto__', dev: false }])
    expect(({} as Record<string, unknown>)['version']).toBeUndefined()
  })

  test.each([
    '',
    '[]',
    'null',
    '1',
    '{}',
    '{"lockfileVersion":"3"}',
    '{"lockfileVersion":4}',
    '{"lockfileVersion":3,"packages":[]}',
    '{"lockfileVersion":3,"packages":{"node_modules/a":null}}',
    '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":1}}}',
    '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1","name":{}}}}',
    '{"lockfileVersion":3,"packages":{"node_modules/":{"version":"1"}}}',
    '{"lockfileVersion":1,"dependencies":{"a":"1.0.0"}}',
    '<<<<<<< HEAD\n{}',
    `{"lockfileVersion":3,"packages":{"node_modules/${'a'.repeat(400)}":{"version":"1"}}}`,
  ])('%s is refused', (text) => expect(() => parseLockfile(text)).toThrow(LockfileError))

  test('deep nesting is refused and cannot overflow the stack', () => {
    const depth = 50_000
    const deep = `{"lockfileVersion":1,"dependencies":${'{"a":{"version":"1.0.0","dependencies":'.repeat(depth)}{}${'}}'.repeat(depth)}}`
    expect(() => parseLockfile(deep)).toThrow(LockfileError)
  })

  test('any text gives packages or a LockfileError', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(1, 2, 3), (json, lockfileVersion) => {
        const value: unknown = JSON.parse(json)
        for (const key of ['packages', 'dependencies']) {
          try {
            for (const found of lock({
              lockfileVersion,
              [key]: value,
              packages: key === 'packages' ? value : { 'node_modules/a': value },
            })) {
              expect(typeof found.version).toBe('string')
            }
          } catch (error) {
            expect(error).toBeInstanceOf(LockfileError)
          }
        }
      }),
    )
  })
})

describe('a package that npm would install cannot be hidden', () => {
  const names = (content: object): string[] => lock(content).map(({ name, version }) => `${name}@${version}`)
  const tarball = 'https://registry.example/lodash/-/lodash-4.17.15.tgz'
  const lodash = { 'node_modules/lodash': { version: '4.17.15' } }

  test('by a wrong lockfileVersion: npm prefers `packages` in every version', () => {
    expect(names({ lockfileVersion: 1, packages: lodash, dependencies: { harmless: { version: '1.0.0' } } })).toEqual([
      'lodash@4.17.15',
    ])
    for (const packages of [undefined, null, 0, false, ''])
      expect(names({ lockfileVersion: 3, packages, dependencies: { lodash: { version: '4.17.15' } } })).toEqual([
        'lodash@4.17.15',
      ])
  })

  test('by leaving the version out, or by an address in its place', () => {
    expect(names({ lockfileVersion: 3, packages: { 'node_modules/a': { resolved: tarball } } })).toContain(
      'lodash@4.17.15',
    )
    for (const entry of [
      { version: tarball },
      { resolved: tarball },
      { version: 'file:../x', resolved: tarball },
      { version: 'x', from: tarball },
    ])
      expect(names({ lockfileVersion: 1, dependencies: { a: entry } })).toContain('lodash@4.17.15')
  })

  test('by an alias in the place of a version', () => {
    expect(names({ lockfileVersion: 3, packages: { 'node_modules/a': { version: 'npm:lodash@4.17.15' } } })).toEqual([
      'lodash@4.17.15',
    ])
  })

  test('by escapes in an address, or by an overlong address', () => {
    const at = (resolved: string) =>
      names({ lockfileVersion: 3, packages: { 'node_modules/a': { version: '1.0.0', resolved } } })
    expect(at(tarball.replaceAll('lodash', 'l%6Fdash'))).toContain('lodash@4.17.15')
    expect(() => at(`${tarball}?${'x'.repeat(4000)}`)).toThrow(LockfileError)
  })

  test.each([
    'node_modules/lodash/',
    'node_modules//lodash',
    'node_modules/./lodash',
    'node_modules/x/../lodash',
    'node_modules/x/lodash',
    'node_modules/x\\..\\lodash',
  ])('by another spelling of its place: %s', (path) => {
    expect(() => lock({ lockfileVersion: 3, packages: { [path]: { version: '4.17.15' } } })).toThrow(LockfileError)
    expect(() => lock({ lockfileVersion: 1, dependencies: { [path.slice(13)]: { version: '4.17.15' } } })).toThrow(
      LockfileError,
    )
  })

  test('accepts the path of a workspace beside the project', () => {
    expect(names({ lockfileVersion: 3, packages: { '../tool/node_modules/a': { version: '1.0.0' } } })).toEqual([
      'a@1.0.0',
    ])
  })
})

test('counts the package that the address fetches, whatever name the entry has', () => {
  const at = (resolved: string, fields: object = {}) =>
    parseLockfile(
      JSON.stringify({
        lockfileVersion: 3,
        packages: { 'node_modules/lodash': { version: '4.17.21', resolved, ...fields } },
      }),
    ).map(({ name, version }) => `${name}@${version}`)
  const host = 'https://registry.example/npm/'
  expect(at(`${host}lodash/-/lodash-4.17.21.tgz`)).toEqual(['lodash@4.17.21'])
  expect(at(`${host}lodash/-/lodash-4.17.15.tgz`)).toEqual(['lodash@4.17.21', 'lodash@4.17.15'])
  expect(at(`${host}lodash/-/lodash-4.17.21.tgz`, { name: 'harmless' })).toEqual(['harmless@4.17.21', 'lodash@4.17.21'])
  expect(at(`${host}@acme%2flodash/-/lodash-1.0.0-rc.1.tgz?x=1`)).toEqual(['lodash@4.17.21', '@acme/lodash@1.0.0-rc.1'])
  expect(at(`${host}@acme/lodash/-/@acme/lodash-1.0.0.tgz`)).toEqual(['lodash@4.17.21', '@acme/lodash@1.0.0'])
  expect(at('git+ssh://git@forge.example/x.git#abc')).toEqual(['lodash@4.17.21'])
})
