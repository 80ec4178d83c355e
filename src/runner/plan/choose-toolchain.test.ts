import { expect, test } from 'vitest'
import { agentArgv, chooseToolchain } from './choose-toolchain.ts'

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
