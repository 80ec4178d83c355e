import { expect, test } from 'vitest'
import { agentArgv, chooseToolchain, nameToolchain } from './choose-toolchain.ts'

const BUILT_IN = {
  mounts: [{ source: '/a', target: '/a' }],
  path: ['/a'],
  environment: { A: '1' },
  versions: { node: '24' },
}
const OTHER = { mounts: [{ source: '/b', target: '/b' }], path: ['/b'], environment: {}, versions: { node: '20' } }
const parts = { toolchain: BUILT_IN, otherToolchains: { names: ['b'], open: async () => OTHER } }

test('PATH finds another toolchain first, and the built-in one keeps its place', async () => {
  expect(await chooseToolchain('built-in', parts)).toBe(BUILT_IN)
  expect(await chooseToolchain('b', parts)).toEqual({ ...OTHER, mounts: [...BUILT_IN.mounts, ...OTHER.mounts] })
})

test('an agent that runs on Node keeps the built-in Node', () => {
  expect(agentArgv({ argv: ['node', 'main.ts'] }, 'built-in')).toEqual(['node', 'main.ts'])
  expect(agentArgv({ argv: ['node', 'main.ts'] }, 'b')).toEqual(['/opt/glovebox/node/bin/node', 'main.ts'])
  expect(agentArgv({ argv: ['codex'] }, 'b')).toEqual(['codex'])
})

test.each([
  ['nothing', [], 'built-in'],
  ['what the built-in one is', ['>=20'], 'built-in'],
  ['an older one', ['20.x'], 'node-20-9'],
  ['an older one by a lower bound and an upper one', ['>=18', '<20'], 'node-18'],
  ['two versions that nothing has', ['20.x', '18.x'], 'built-in'],
  ['a version that nobody configured', ['16.x'], 'built-in'],
])('a repository that wants %s gets it', async (_, ranges, expected) => {
  const versions: Record<string, string> = { 'node-18': '18.20.0', 'node-20-1': '20.1.0', 'node-20-9': '20.9.0' }
  const otherToolchains = {
    names: ['system', 'gone', ...Object.keys(versions)],
    async open(name: string) {
      if (name === 'gone') throw new Error('no such folder')
      const node = versions[name]
      const found: Record<string, string> = node === undefined ? {} : { node }
      return { ...OTHER, versions: found }
    },
  }
  const all = { toolchain: { ...BUILT_IN, versions: { node: '24.1.0' } }, otherToolchains }
  const wanted = ranges.map((range) => ({ range }))
  expect(await nameToolchain('project', wanted, all)).toBe(expected)
  expect(await nameToolchain('gone', wanted, all)).toBe('gone')
})
