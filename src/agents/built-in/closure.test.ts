import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closureOf } from './closure.ts'

const PROJECT = join(import.meta.dirname, '../../..')

function lockOf(packages: Record<string, object>): string {
  return JSON.stringify({ lockfileVersion: 3, packages })
}

function paths(names: string[], packages: Record<string, object>): string[] {
  return closureOf(names, lockOf(packages)).map(({ path }) => path)
}

test('takes transitive dependencies and nothing else', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0', dependencies: { b: '^1' } },
    'node_modules/b': { version: '1.0.0', dependencies: { a: '^1' } },
    'node_modules/c': { version: '1.0.0' },
  }
  expect(paths(['a'], packages)).toEqual(['node_modules/a', 'node_modules/b'])
})

test('finds the copy that Node would find', () => {
  const packages = {
    'node_modules/a': { dependencies: { '@s/b': '^1', c: '^1' } },
    'node_modules/@s/b': { version: '2.0.0' },
    'node_modules/a/node_modules/@s/b': { version: '1.0.0', dependencies: { c: '^2' } },
    'node_modules/a/node_modules/@s/b/node_modules/c': { version: '2.0.0' },
    'node_modules/c': { version: '1.0.0' },
  }
  expect(paths(['a'], packages)).toEqual([
    'node_modules/a',
    'node_modules/a/node_modules/@s/b',
    'node_modules/a/node_modules/@s/b/node_modules/c',
    'node_modules/c',
  ])
})

test('takes required peers, and optional packages that are installed', () => {
  const packages = {
    'node_modules/a': {
      peerDependencies: { b: '*', c: '*' },
      peerDependenciesMeta: { c: { optional: true } },
      optionalDependencies: { d: '*', e: '*' },
    },
    'node_modules/b': {},
    'node_modules/c': {},
    'node_modules/d': {},
  }
  expect(paths(['a'], packages)).toEqual(['node_modules/a', 'node_modules/b', 'node_modules/d'])
})

test('names a missing package and the package that needs it', () => {
  expect(() => paths(['a'], { 'node_modules/a': { dependencies: { gone: '1' } } })).toThrow(
    'no gone, which node_modules/a needs',
  )
})

test('the agent depends on the same versions as the project', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(PROJECT, path), 'utf8')) as { dependencies: object }
  expect(read('package.json').dependencies).toMatchObject(read('agent/package.json').dependencies)
})
