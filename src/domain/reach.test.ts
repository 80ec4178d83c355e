import { expect, test } from 'vitest'
import { reachOf, ReachSet } from './reach.ts'

test('resolves names to the configured hosts, and unknown names to none', () => {
  const sets = {
    github: { git: ['github.com'], read: ['files.example.com'] },
    mirrors: { git: ['git.example.com', 'github.com'], read: [] },
  }
  expect(reachOf(['github', 'mirrors', 'npm', 'constructor'], sets)).toEqual({
    git: ['git.example.com', 'github.com'],
    read: ['files.example.com'],
  })
  expect(reachOf([], sets)).toEqual({ git: [], read: [] })
})

test.each([
  'GitHub.com',
  'github.com:443',
  '*.github.com',
  'localhost',
  '10.0.0.1',
  '[::1]',
  'a..b.com',
  'x/y.com',
  '',
])('refuses %j as a host of a set', (host) => {
  expect(ReachSet.safeParse({ git: [host] }).success).toBe(false)
})
