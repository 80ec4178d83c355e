import { expect, test } from 'vitest'
import { SandboxError } from '../types.ts'
import type { SandboxSpec } from '../types.ts'
import { checkSpec } from './check-spec.ts'

const good: SandboxSpec = {
  run: '0123456789abcdefghjk',
  directory: '/data/sandboxes/a',
  gateway: { kind: 'unix', path: '/data/g' },
  link: { kind: 'unix', path: '/data/l' },
  gatewayPort: 8080,
  readOnlyMounts: [{ source: '/opt/node', target: '/opt/node' }],
  files: [{ target: '/run/glovebox/ca.pem', content: '' }],
  env: { HOME: '/home/glovebox', npm_config_audit: 'true' },
  limits: { memoryBytes: 1, processes: 1, workspaceBytes: 1 },
}

test('a plain spec is accepted', () => {
  expect(() => checkSpec(good)).not.toThrow()
})

test.each<[string, Partial<SandboxSpec>]>([
  ['a run id that is a path', { run: '../x' }],
  ['a relative directory', { directory: 'x' }],
  ['a directory with dots', { directory: '/data/../etc' }],
  ['a relative socket path', { link: { kind: 'unix', path: 'l' } }],
  ['an endpoint on another machine', { link: { kind: 'tcp', host: 'h', port: 1, credential: new Uint8Array(32) } }],
  ['a port out of range', { gatewayPort: 70_000 }],
  ['a target in the workspace', { files: [{ target: '/workspace/.git/config', content: '' }] }],
  ['a target over the guest', { files: [{ target: '/run/glovebox/guest', content: '' }] }],
  ['a target over a folder that holds the sockets', { readOnlyMounts: [{ source: '/x', target: '/run/glovebox' }] }],
  ['a target over /', { readOnlyMounts: [{ source: '/x', target: '/' }] }],
  ['a target in /proc', { files: [{ target: '/proc/x', content: '' }] }],
  [
    'a target named twice',
    {
      files: [
        { target: '/etc/a', content: '' },
        { target: '/etc/a', content: '' },
      ],
    },
  ],
  ['a variable name with =', { env: { 'A=B': '' } }],
  ['a variable with NUL', { env: { A: 'x\0y' } }],
  ['a variable that is too long', { env: { A: 'x'.repeat(200_000) } }],
  ['a limit of zero', { limits: { memoryBytes: 0, processes: 1, workspaceBytes: 1 } }],
  ['a limit that is not a number', { limits: { memoryBytes: Number.NaN, processes: 1, workspaceBytes: 1 } }],
])('refuses %s', (_name, change) => {
  expect(() => checkSpec({ ...good, ...change })).toThrow(SandboxError)
})

test("refuses more processes than a quarter of the machine's maximum, and names the cure", () => {
  const setting = (path: string) => (path.endsWith('pid_max') ? '32768' : '192731')
  const withProcesses = (processes: number) => ({ ...good, limits: { ...good.limits, processes } })
  expect(() => checkSpec(withProcesses(8192), setting)).not.toThrow()
  expect(() => checkSpec(withProcesses(8193), setting)).toThrow(
    /limit of 8193 processes is above 8192, a quarter of .*: lower limits\.processes, or raise these/,
  )
  expect(() => checkSpec(withProcesses(30_000), () => null)).not.toThrow()
})
