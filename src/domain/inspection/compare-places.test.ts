import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePlaces } from './compare-places.ts'
import { readLocked } from './lockfile.ts'

type Places = Readonly<Record<string, string>>

/** Makes a lockfile from a map of place to version; `->folder` is a link. */
function lock(places: Places) {
  const entry = (text: string) => (text.startsWith('->') ? { resolved: text.slice(2), link: true } : { version: text })
  const packages = Object.fromEntries(Object.entries(places).map(([place, text]) => [place, entry(text)]))
  return readLocked(JSON.stringify({ lockfileVersion: 3, packages }))
}

const moves = (before: Places, after: Places) =>
  comparePlaces(lock(before), lock(after)).map(({ name, from, to }) => `${name} ${from} > ${to}`)

test('reports upgrades, additions and removals', () => {
  expect(
    moves(
      {
        'node_modules/b': '1.0.0',
        'node_modules/a': '1.9.0',
        'node_modules/gone': '1.0.0',
        'node_modules/same': '1.0.0',
      },
      {
        'node_modules/a': '1.10.0',
        'node_modules/b': '1.0.1',
        'node_modules/new': '2.0.0',
        'node_modules/same': '1.0.0',
      },
    ),
  ).toEqual(['a 1.9.0 > 1.10.0', 'b 1.0.0 > 1.0.1', 'gone 1.0.0 > null', 'new null > 2.0.0'])
})

test('a copy that moves from a workspace to the top is not a removal', () => {
  const before = {
    'node_modules/b': '->packages/b',
    'node_modules/lodash': '4.17.15',
    'packages/b/node_modules/lodash': '4.17.11',
  }
  expect(moves(before, { 'node_modules/b': '->packages/b', 'node_modules/lodash': '4.17.21' })).toEqual([
    'lodash 4.17.11 > 4.17.21',
    'lodash 4.17.15 > 4.17.21',
  ])
  expect(moves(before, { 'node_modules/b': '->packages/b', 'node_modules/lodash': '4.17.15' })).toEqual([
    'lodash 4.17.11 > 4.17.15',
  ])
})

test('the same version at another place is not a move', () => {
  expect(moves({ 'node_modules/a': '1.0.0' }, { 'packages/x/node_modules/a': '1.0.0' })).toEqual([])
  expect(
    moves({ 'node_modules/a': '1.0.0' }, { 'node_modules/a': '2.0.0', 'packages/x/node_modules/a': '1.0.0' }),
  ).toEqual(['a 1.0.0 > 2.0.0'])
})

test('reports a package as removed together with the package that required it', () => {
  const before = { 'node_modules/a': '2.0.0', 'node_modules/x': '1.0.0', 'node_modules/x/node_modules/a': '1.0.0' }
  expect(moves(before, { 'node_modules/a': '2.0.0' })).toEqual(['a 1.0.0 > null', 'x 1.0.0 > null'])
})

test('reports a package as linked, not removed, if a workspace replaces it; ignores other links', () => {
  expect(moves({ 'node_modules/a': '1.0.0' }, { 'node_modules/a': '->packages/a' })).toEqual([
    'a 1.0.0 > link:packages/a',
  ])
  expect(moves({ 'node_modules/a': '->packages/a' }, { 'node_modules/a': '1.0.0' })).toEqual([
    'a link:packages/a > 1.0.0',
  ])
  expect(moves({ 'node_modules/a': '->packages/a' }, { 'node_modules/a': '->libs/a' })).toEqual([])
  expect(moves({}, { 'node_modules/a': '->packages/a' })).toEqual([])
})

test('reports the same move at several places once, with all places', () => {
  const at = (version: string) => ({
    'node_modules/x': '1.0.0',
    'node_modules/a': version,
    'packages/y/node_modules/a': version,
  })
  expect(comparePlaces(lock(at('1.0.0')), lock(at('1.0.1')))).toEqual([
    { name: 'a', from: '1.0.0', to: '1.0.1', places: ['node_modules/a', 'packages/y/node_modules/a'] },
  ])
})

test('reports no move for equal lockfiles, in any order', () => {
  const places = fc.dictionary(
    fc.constantFrom('node_modules/a', 'node_modules/b', 'node_modules/a/node_modules/b', 'packages/c/node_modules/a'),
    fc.constantFrom('1.0.0', '2.0.0', '->packages/c'),
  )
  fc.assert(
    fc.property(places, (one) => {
      expect(moves(one, Object.fromEntries(Object.entries(one).toReversed()))).toEqual([])
    }),
  )
})
