import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Lockfile {
  packages: Record<string, object>
}

/** A part of the example's own lockfile, and one lockfile of each version with all kinds of entries. */
export function lockfileSeeds(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../examples/storefront/package-lock.json'), 'utf8')
  const { packages, ...head } = JSON.parse(text) as Lockfile
  const some = Object.fromEntries(Object.entries(packages).slice(0, 8))
  const resolved = 'https://registry.example/a/-/a-1.0.0.tgz'
  const version3 = {
    '': { name: 'app', version: '1.0.0', dependencies: { a: '^1.0.0', alias: 'npm:real@3.0.0' } },
    'packages/tool': { version: '8.8.8' },
    'node_modules/tool': { resolved: 'packages/tool', link: true },
    'node_modules/a': { version: '1.0.0', resolved },
    'node_modules/a/node_modules/@s/b': { version: '2.0.0-rc.1', dev: true },
    'node_modules/alias': { name: 'real', version: '3.0.0' },
    'node_modules/git': { version: '1.0.0', resolved: 'git+ssh://git@forge.example/x.git#abc' },
  }
  const version1 = {
    a: {
      version: '1.0.0',
      resolved,
      requires: { '@s/b': '^2.0.0' },
      dependencies: { '@s/b': { version: '2.0.0', dev: true } },
    },
    alias: { version: 'npm:@s/real@3.0.0' },
    local: { version: 'file:../local' },
    git: { version: 'git+ssh://git@example.com/x.git#abc', from: 'git+ssh://git@example.com/x.git' },
  }
  return [
    { ...head, packages: some },
    { lockfileVersion: 3, requires: true, packages: version3 },
    { lockfileVersion: 2, requires: true, packages: version3, dependencies: version1 },
    { lockfileVersion: 1, requires: true, dependencies: version1 },
  ].map((lockfile) => JSON.stringify(lockfile))
}
