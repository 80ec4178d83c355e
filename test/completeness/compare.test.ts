// Shows that the comparison detects every kind of difference.
import { expect, test } from 'vitest'
import { attributed, emptyAccount, FILE_LISTS } from './account.ts'
import type { Gathering } from './account.ts'
import { compare, RANDOM_NAMES } from './compare.ts'

const CAT = { argv: ['cat', 'file'], executable: '/usr/bin/cat' }
const SH = { argv: ['sh'], executable: '/usr/bin/dash' }

function full(): Gathering {
  const account = emptyAccount()
  account.programs.push(SH, CAT, CAT)
  for (const list of FILE_LISTS) account[list].add(`/workspace/${list}`)
  account.byProgram.add(attributed(CAT, 'read', '/workspace/read'))
  return account
}

test('finds no difference between equal accounts in any order', () => {
  const other = full()
  other.programs.reverse()
  expect(compare(full(), other, Object.values(RANDOM_NAMES))).toEqual([])
})

test('finds a program that is missing once, or that has another argument or file', () => {
  for (const programs of [
    [SH, CAT],
    [SH, CAT, { ...CAT, argv: ['cat'] }],
    [SH, CAT, { ...CAT, executable: '/bin/cat' }],
  ]) {
    expect(compare({ ...full(), programs }, full(), []).map(({ list }) => list)).toEqual(['programs'])
    expect(compare(full(), { ...full(), programs }, []).map(({ list }) => list)).toEqual(['programs'])
  }
})

test.each(FILE_LISTS)('finds a path that only one side has among the %s', (list) => {
  const lacking = full()
  lacking[list].clear()
  const path = `/workspace/${list}`
  expect(compare(lacking, full(), [])).toEqual([{ list, onlyRecorded: [], onlyWitnessed: [path] }])
  expect(compare(full(), lacking, [])).toEqual([{ list, onlyRecorded: [path], onlyWitnessed: [] }])
})

test('finds the right file with the wrong program', () => {
  const other = full()
  other.byProgram.clear()
  other.byProgram.add(attributed(SH, 'read', '/workspace/read'))
  expect(compare(other, full(), []).map(({ list }) => list)).toEqual(['byProgram'])
})

test('replaces a random name only if its program creates it', () => {
  const [one, other] = [full(), full()]
  one.created.add('/workspace/.git/objects/tmp_obj_AbCd12').add('/workspace/tmp_AbCd12')
  other.created.add('/workspace/.git/objects/tmp_obj_XyZw34').add('/workspace/tmp_XyZw34')
  expect(compare(one, other, [RANDOM_NAMES.gitObject])).toEqual([
    { list: 'created', onlyRecorded: ['/workspace/tmp_AbCd12'], onlyWitnessed: ['/workspace/tmp_XyZw34'] },
  ])
})
