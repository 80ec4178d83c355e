import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBranchName, isRefName } from './ref-name.ts'

const part = fc.string({
  unit: fc.constantFrom(...'ab.-@{}~^:?*[]\\/ \u00e9\u0007', '.lock', '..', '@{', '//'),
  minLength: 1,
  maxLength: 8,
})

test('git accepts every ref name that is accepted here', () => {
  let taken = 0
  fc.assert(
    fc.property(part, (name) => {
      const ref = `refs/heads/${name}`
      const git = spawnSync('git', ['check-ref-format', ref]).status === 0
      if (isRefName(ref)) taken++
      expect({ name, taken: isRefName(ref) }).toEqual({ name, taken: git })
    }),
    {
      numRuns: 200,
      examples: [['a'], ['a/b'], ['.a'], ['a.lock'], ['a.lock/b'], ['@'], ['a@{b'], ['é'], ['a.'], ['-a']],
    },
  )
  expect(taken).toBeGreaterThan(5)
})

test('refuses a branch name that is an option, HEAD or too long', () => {
  for (const name of ['', '-a', '--all', 'HEAD', 'a'.repeat(300), 'a\0b', 'a\nb', '/a', 'a/'])
    expect(isBranchName(name)).toBe(false)
  for (const name of ['main', 'feature/x', 'glovebox/bump/0123456789abcdefghjk', '@', 'übung'])
    expect(isBranchName(name)).toBe(true)
})
