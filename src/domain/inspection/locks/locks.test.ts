import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareLocks } from './compare-locks.ts'
import { declaredAliases } from './declared-aliases.ts'
import { LockError } from './lock-entry.ts'
import { readLock } from './read-lock.ts'

const R = 'https://registry.example'
const REAL = { version: '4.17.21', resolved: `${R}/lodash/-/lodash-4.17.21.tgz`, integrity: 'sha512-AAAA' }

/** The findings for a change of the only package of a lockfile. */
function npm(fields: object, { before = REAL, manifest = '{}', name = 'lodash', rest = {} } = {}): string[] {
  const lock = (entry: object) =>
    JSON.stringify({ lockfileVersion: 3, packages: { '': {}, [`node_modules/${name}`]: entry, ...rest } })
  return compare('package-lock.json', lock(before), lock({ ...before, ...fields }), manifest)
}

function compare(path: string, before: string | null, after: string, manifest = '{}'): string[] {
  const old = before === null ? null : readLock(path, before)
  return compareLocks(old, readLock(path, after), declaredAliases([manifest]))
}

describe('package-lock.json', () => {
  test('reports nothing for an unchanged lockfile or an ordinary update', () => {
    expect(npm({})).toEqual([])
    const update = { version: '4.17.22', resolved: `${R}/lodash/-/lodash-4.17.22.tgz`, integrity: 'sha512-BBBB' }
    expect(npm(update)).toEqual([])
  })

  test.each([
    [
      'another package',
      { resolved: `${R}/evil/-/evil-1.0.0.tgz` },
      'lodash@4.17.21 is called lodash and fetches evil 1.0.0',
    ],
    [
      'a scope',
      { resolved: `${R}/@evil/lodash/-/lodash-4.17.21.tgz` },
      'lodash@4.17.21 is called lodash and fetches @evil/lodash 4.17.21',
    ],
    [
      'another version',
      { resolved: `${R}/lodash/-/lodash-4.17.15.tgz` },
      'lodash@4.17.21 fetches version 4.17.15 of lodash',
    ],
    [
      'escapes',
      { resolved: `${R}/ev%69l/-/ev%69l-1.0.0.tgz` },
      'lodash@4.17.21 is called lodash and fetches evil 1.0.0',
    ],
    ['no integrity', { integrity: undefined }, 'lodash@4.17.21 lost its integrity'],
    [
      'other content',
      { integrity: 'sha512-BBBB' },
      'lodash@4.17.21 has different content than before: its integrity changed',
    ],
    [
      'one more digest',
      { integrity: 'sha512-AAAA sha512-EVIL' },
      'lodash@4.17.21 has different content than before: its integrity changed',
    ],
    ['a weaker digest', { integrity: 'sha1-AAAA' }, 'lodash@4.17.21 has a weaker integrity than before'],
    [
      'a repository',
      { resolved: 'git+ssh://git@forge.example/x.git#abc' },
      'lodash comes from a git repository: git+ssh://git@forge.example/x.git',
    ],
    [
      'a tarball',
      { resolved: 'https://evil.example/lodash.tgz' },
      'lodash@4.17.21 comes from an address that does not contain the name of the package: https://evil.example/lodash.tgz',
    ],
    [
      'a tarball of a commit',
      { resolved: 'https://codeload.github.com/evil/x/tar.gz/abc' },
      'lodash comes from a git repository: https://codeload.github.com/evil/x',
    ],
    ['a script', { hasInstallScript: true }, 'lodash@4.17.21 runs a script when it is installed'],
    [
      'an alias',
      { name: 'evil', version: '1.0.0', resolved: `${R}/evil/-/evil-1.0.0.tgz`, integrity: 'sha512-E' },
      'evil is installed as lodash, but no package.json of the repository declares this alias',
    ],
  ])('%s', (_, fields, expected) => expect(npm(fields)).toEqual([expected]))

  test('accepts an alias that package.json declares, and reports a different one', () => {
    const alias = { name: 'real', version: '1.0.0', resolved: `${R}/real/-/real-1.0.0.tgz`, integrity: 'sha512-R' }
    const manifest = (value: string) => JSON.stringify({ dependencies: { lodash: value } })
    expect(npm(alias, { manifest: manifest('npm:real@^1') })).toEqual([])
    expect(npm(alias, { manifest: manifest('npm:@s/real@^1') })).toHaveLength(1)
    expect(npm({ ...alias, resolved: `${R}/evil/-/evil-1.0.0.tgz` }, { manifest: manifest('npm:real@^1') })).toEqual([
      'lodash@1.0.0 is called lodash and fetches evil 1.0.0',
    ])
  })

  test('reports a package that is now marked as bundled, but not a stronger digest or a link to a workspace', () => {
    expect(npm({ integrity: 'sha512-AAAA' }, { before: { ...REAL, integrity: 'sha1-x' } })).toEqual([])
    expect(npm({ version: undefined, resolved: 'packages/lodash', integrity: undefined, link: true })).toEqual([])
    expect(npm({ inBundle: true, resolved: undefined, integrity: undefined })).toEqual([
      'lodash@4.17.21 lost its integrity',
    ])
  })

  test('reports a new package without integrity if the other packages have one', () => {
    const lock = (more: object) =>
      JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': REAL, ...more } })
    const bare = { 'node_modules/x': { version: '1.0.0', resolved: `${R}/x/-/x-1.0.0.tgz` } }
    expect(compare('package-lock.json', lock({}), lock(bare))).toEqual(['x@1.0.0 has no integrity'])
    expect(compare('package-lock.json', null, lock(bare))).toEqual(['x@1.0.0 has no integrity'])
  })

  test('version 1, a version 2 that contradicts itself, and a nested package', () => {
    const v1 = (entry: object) =>
      JSON.stringify({ lockfileVersion: 1, dependencies: { a: { version: '1.0.0', dependencies: { lodash: entry } } } })
    expect(
      compare('sub/npm-shrinkwrap.json', v1(REAL), v1({ ...REAL, resolved: `${R}/evil/-/evil-1.0.0.tgz` })),
    ).toEqual(['lodash@4.17.21 is called lodash and fetches evil 1.0.0'])
    const v2 = (entry: object) =>
      JSON.stringify({ lockfileVersion: 2, packages: { 'node_modules/lodash': REAL }, dependencies: { lodash: entry } })
    expect(compare('package-lock.json', v2(REAL), v2({ ...REAL, integrity: undefined }))).toEqual([
      'lodash@4.17.21 lost its integrity',
    ])
  })
})

describe('pnpm-lock.yaml', () => {
  const lock = (fields: string, more = '') => `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      lodash:
        specifier: ^4.17.21
        version: ${more === '' ? '4.17.21' : more}

packages:

  '@s/x@1.0.0(react@18.0.0)':
    resolution: {integrity: sha512-X}
    engines: {node: '>=10', npm: '>= 3'}
    cpu: [x64, arm64]
    deprecated: |-
      do not: use {it}
      - at all
    peerDependencies:
      react: '>=16'

  lodash@4.17.21:
    resolution: ${fields}

snapshots:

  lodash@4.17.21: {}
`
  const change = (fields: string, more = '') =>
    compare('pnpm-lock.yaml', lock('{integrity: sha512-A}'), lock(fields, more))

  test.each([
    ['no change', '{integrity: sha512-A}', []],
    ['no integrity', '{}', ['lodash@4.17.21 lost its integrity']],
    [
      'other content',
      '{integrity: sha512-B}',
      ['lodash@4.17.21 has different content than before: its integrity changed'],
    ],
    [
      'a tarball elsewhere',
      '{tarball: https://evil.example/lodash.tgz}',
      [
        'lodash@4.17.21 comes from an address that does not contain the name of the package: https://evil.example/lodash.tgz',
        'lodash@4.17.21 lost its integrity',
      ],
    ],
    [
      'a tarball of another package on the same registry',
      `{integrity: sha512-A, tarball: ${R}/evil/-/evil-1.0.0.tgz}`,
      ['lodash@4.17.21 is called lodash and fetches evil 1.0.0'],
    ],
    [
      'a repository',
      '{type: git, repo: https://forge.example/x, commit: abc}',
      ['lodash comes from a git repository: git+https://forge.example/x'],
    ],
  ])('%s', (_, fields, expected) => expect(change(fields)).toEqual(expected))

  test('reports another package under the same name, and an address', () => {
    expect(change('{integrity: sha512-A}', 'evil@1.0.0')).toEqual([
      'evil is installed as lodash, but no package.json of the repository declares this alias',
    ])
  })

  test.each(['/lodash/4.17.21', '/lodash@4.17.21', '/lodash/4.17.21_react@18.0.0', 'lodash@4.17.21(react@18.0.0)'])(
    'the key %s is a package of the registry',
    (key) => {
      const text = (digest: string) =>
        `lockfileVersion: 5.4\npackages:\n  ${key}:\n    resolution: {integrity: ${digest}}\n    dev: true\n`
      expect(compare('pnpm-lock.yaml', text('sha512-A'), text('sha512-B'))).toEqual([
        'lodash@4.17.21 has different content than before: its integrity changed',
      ])
    },
  )
})

describe('yarn.lock', () => {
  const classic = (fields: string) =>
    `# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n\n\n"@s/a@^1":\n  version "1.0.0"\n  resolved "${R}/@s/a/-/a-1.0.0.tgz#${'a'.repeat(40)}"\n  integrity sha512-S\n  dependencies:\n    lodash "^4"\n\nlodash@^4, "lodash@^4.17.0":\n  version "4.17.21"\n${fields}`
  const good = `  resolved "${R}/lodash/-/lodash-4.17.21.tgz#${'b'.repeat(40)}"\n  integrity sha512-L\n`

  test.each([
    ['no change', good, []],
    ['no integrity', `  resolved "${R}/lodash/-/lodash-4.17.21.tgz"\n`, ['lodash@4.17.21 lost its integrity']],
    [
      'another package',
      good.replaceAll('lodash', 'evil'),
      ['lodash@4.17.21 is called lodash and fetches evil 4.17.21'],
    ],
    [
      'other content',
      good.replace('sha512-L', 'sha512-M'),
      ['lodash@4.17.21 has different content than before: its integrity changed'],
    ],
    [
      'a repository',
      '  resolved "git+https://forge.example/x.git#abc"\n',
      ['lodash comes from a git repository: git+https://forge.example/x.git'],
    ],
  ])('Yarn 1: %s', (_, fields, expected) =>
    expect(compare('yarn.lock', classic(good), classic(fields))).toEqual(expected),
  )

  test('Yarn 1: reports an alias unless package.json declares it', () => {
    const text = `"lodash@npm:evil@^1":\n  version "1.0.0"\n  resolved "${R}/evil/-/evil-1.0.0.tgz"\n  integrity sha512-E\n`
    const said = JSON.stringify({ dependencies: { lodash: 'npm:evil@^1' } })
    expect(compare('yarn.lock', '', text)).toEqual([
      'evil is installed as lodash, but no package.json of the repository declares this alias',
    ])
    expect(compare('yarn.lock', '', text, said)).toEqual([])
  })

  const berry = (resolution: string, fields = '  checksum: 10c0/abc\n', version = '4.17.21') =>
    `# This file is generated by running "yarn install"\n\n__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"app@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "app@workspace:."\n  languageName: unknown\n  linkType: soft\n\n"lodash@npm:^4, lodash@npm:^4.17.0":\n  version: ${version}\n  resolution: "${resolution}"\n${fields}  languageName: node\n  linkType: hard\n`

  test.each([
    ['no change', 'lodash@npm:4.17.21', undefined, []],
    ['no checksum', 'lodash@npm:4.17.21', '', ['lodash@4.17.21 lost its integrity']],
    [
      'other content',
      'lodash@npm:4.17.21',
      '  checksum: 10c0/def\n',
      ['lodash@4.17.21 has different content than before: its integrity changed'],
    ],
    [
      'another package',
      'evil@npm:4.17.21',
      undefined,
      ['evil is installed as lodash, but no package.json of the repository declares this alias'],
    ],
    ['another version', 'lodash@npm:4.17.15', undefined, ['lodash@4.17.21 fetches version 4.17.15 of lodash']],
    ['an archive elsewhere', 'lodash@npm:4.17.21::__archiveUrl=https%3A%2F%2Fevil.example%2Fx.tgz', undefined, []],
    [
      'a repository',
      'lodash@https://forge.example/x.git#commit=abc',
      undefined,
      ['lodash comes from a git repository: https://forge.example/x.git'],
    ],
  ])('Yarn 4: %s', (_, resolution, fields, expected) =>
    expect(compare('yarn.lock', berry('lodash@npm:4.17.21'), berry(resolution, fields))).toEqual(expected),
  )
})

test.each([
  ['package-lock.json', '<<<<<<< HEAD\n{}'],
  ['package-lock.json', '{"packages":[]}'],
  ['package-lock.json', `{"dependencies":${'{"a":{"dependencies":'.repeat(30_000)}{}${'}}'.repeat(30_000)}}`],
  ['pnpm-lock.yaml', 'packages: &a\n  x: *a\n'],
  ['pnpm-lock.yaml', 'packages:\n  x: 1\n  x: 2\n'],
  ['pnpm-lock.yaml', 'packages:\n  <<: {a: b}\n'],
  ['pnpm-lock.yaml', 'packages: {a: b\n'],
  ['pnpm-lock.yaml', "packages:\n  'x: 1\n"],
  ['pnpm-lock.yaml', 'packages:\n\tx: 1\n'],
  ['pnpm-lock.yaml', 'a: 1\n---\nb: 2\n'],
  ['pnpm-lock.yaml', `a: ${'['.repeat(5000)}`],
  ['yarn.lock', 'a@1:\n  version "1"\na@1:\n  version "2"\n'],
  ['yarn.lock', '<<<<<<< HEAD\n'],
])('%s that nobody writes so is refused: %s', (path, text) => expect(() => readLock(path, text)).toThrow(LockError))

test('any text gives a lock or a LockError, and has no findings compared with itself', () => {
  const words = [
    'a@1:',
    'packages:',
    '  ',
    '\n',
    'x',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ': ',
    ', ',
    '- ',
    '? ',
    '|',
    '#',
    '@',
    '/',
    '1.0.0',
    'resolution',
  ]
  const text = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 40 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.constantFrom('package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'), text, (path, content) => {
      try {
        const lock = readLock(path, content)
        expect(compareLocks(lock, lock, new Map())).toEqual([])
      } catch (error) {
        expect(error).toBeInstanceOf(LockError)
      }
    }),
    { numRuns: 2000 },
  )
})
