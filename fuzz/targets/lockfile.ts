// Target: package-lock.json from a repository. Each package that npm would install must be in the list, by name and
// version, because advisories are looked up only for listed packages. Each origin of a download must be named, too.
import { valid } from 'semver'
import { newOrigins } from '../../src/domain/inspection/lockfile-origins.ts'
import { LockfileError, parseLockfile, readLocked, type LockedPackage } from '../../src/domain/inspection/lockfile.ts'
import { comparePlaces } from '../../src/domain/inspection/compare-places.ts'
import { compareLocks } from '../../src/domain/inspection/locks/compare-locks.ts'
import { LockError } from '../../src/domain/inspection/locks/lock-entry.ts'
import { readLock } from '../../src/domain/inspection/locks/read-lock.ts'
import { npmReads } from '../oracles/npm.ts'
import { lockfileSeeds } from '../lockfile-seeds.ts'
import { attempt, must, mustEqual, type Target, Violation } from '../target.ts'

function run(input: Uint8Array): string {
  const text = Buffer.from(input).toString('utf8')
  const origins = newOrigins(null, text)
  for (const name of ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock']) {
    const lock = attempt(() => readLock(name, text), LockError).value
    if (lock !== null) mustEqual(compareLocks(lock, lock, new Map()), [], `the same ${name} on both sides`)
  }
  const read = attempt(() => parseLockfile(text), LockfileError)
  if (read.value === null) return read.why
  const packages = read.value
  for (const { name, version, path } of packages) {
    must(name !== '' && typeof version === 'string', () => `${path} has no name or no version`)
    must(path.includes('node_modules/'), () => `${path} is not a path of a package`)
  }
  mustEqual(comparePlaces(readLocked(text), readLocked(text)), [], 'the same on both sides')
  mustEqual(newOrigins(text, text), [], 'the same origins on both sides')
  checkWritten(packages)
  return `taken: ${Math.min(packages.length, 4)} ${Math.min(origins.length, 3)} ${packages.some((one) => one.dev)}`
}

/**
 * Checks that the list can be written and read again. If a URL names another package than its entry, a path occurs
 * twice, and the entry comes first.
 */
function checkWritten(packages: readonly LockedPackage[]): void {
  // npm ignores an alias of a folder or of another alias.
  const fetched = packages.filter(({ version }) => !/^(file|npm):/.test(version))
  const first = new Map(fetched.toReversed().map((one) => [one.path, one]))
  const entries = [...first].map(([path, { name, version, dev }]) => [path, { name, version, dev }])
  const again = parseLockfile(JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(entries) }))
  for (const one of new Map(again.toReversed().map((read) => [read.path, read])).values())
    mustEqual(one, first.get(one.path), 'written and read again')
  mustEqual(new Set(again.map(({ path }) => path)).size, first.size, 'written and read again')
}

/** Version in the form of advisory queries. */
function plainVersion(version: string): string {
  return valid(version, { loose: true }) ?? version
}

async function witness(inputs: readonly Uint8Array[]): Promise<void> {
  for (const input of inputs) {
    const text = Buffer.from(input).toString('utf8')
    const listed = new Set(parseLockfile(text).map(({ name, version }) => `${name}@${plainVersion(version)}`))
    const origins = newOrigins(null, text)
    for (const { name, version, location, resolved } of (await npmReads(text)) ?? []) {
      const origin = /^https?:/.test(resolved ?? '') ? (URL.parse(resolved as string)?.origin ?? null) : null
      if (origin !== null && !origins.includes(origin)) throw new Violation(`${origin} is not named`, input)
      // Advisories concern packages from a registry. npm also guesses versions from other URLs.
      const elsewhere = /^https?:/.test(resolved ?? '') && !resolved?.includes('/-/')
      if (elsewhere || valid(version, { loose: true }) === null) continue
      if (!listed.has(`${name}@${plainVersion(version)}`))
        throw new Violation(`npm installs ${name}@${version} at ${location}; listed: ${[...listed].join(' ')}`, input)
    }
  }
}

export const target: Target = {
  name: 'lockfile',
  covers: [
    'src/domain/inspection/lockfile.ts',
    'src/domain/inspection/lockfile-origins.ts',
    'src/domain/inspection/locks/npm-lock.ts',
    'src/domain/inspection/locks/pnpm-lock.ts',
    'src/domain/inspection/locks/yarn-lock.ts',
    'src/domain/inspection/locks/plain-yaml.ts',
    'src/domain/inspection/locks/compare-locks.ts',
  ],
  json: true,
  dictionary: [
    ...[
      'lockfileVersion',
      'packages',
      'dependencies',
      'requires',
      'node_modules/',
      'node_modules/a',
      'node_modules/@s/b',
    ],
    ...[
      'version',
      'resolved',
      'integrity',
      'name',
      'dev',
      'devOptional',
      'link',
      'optional',
      'bundled',
      'inBundle',
      'alias',
    ],
    ...[
      '1.0.0',
      'npm:real@2.0.0',
      'npm:@s/real@2.0.0',
      'file:../x',
      'git+ssh://git@h/x.git#abc',
      '/node_modules/',
      '\\',
    ],
    ...[
      'https://registry.example/a/-/a-1.0.0.tgz',
      'https://r.example/@s%2fb/-/b-2.0.0.tgz',
      '/-/',
      '-1.0.0.tgz',
      '.tgz?x',
    ],
    ...[
      '__proto__',
      'constructor',
      '',
      '..',
      'a/node_modules/b',
      'packages/tool',
      '\ufeff',
      'HTTPS://R.EXAMPLE/a/-/a-1.0.0.tgz',
    ],
    ...[
      'importers:\n',
      'snapshots:\n',
      '  ',
      "'@s/b@1.0.0(x@1)':\n",
      'resolution: {integrity: sha512-A}\n',
      '{tarball: https://e.example/x.tgz}',
    ],
    ...['a@^1, "a@npm:^2":\n', '__metadata:\n', 'resolution: "a@npm:1.0.0::__archiveUrl=x"\n', '|-\n', '? ', '- '],
  ],
  maxBytes: 8192,
  seeds: lockfileSeeds,
  run,
  witness,
}
