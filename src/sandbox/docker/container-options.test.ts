import { expect, test } from 'vitest'
import { containerOptions } from './container-options.ts'
import type { ContainerParts } from './container-options.ts'

const facts = {
  limits: { memory: true, swap: true, processes: true, cpu: true },
  podman: false,
  rootless: false,
  remapsIds: false,
}
const parts: ContainerParts = {
  spec: {
    run: 'r1',
    env: { PATH: '/usr/bin', ODD: 'a=b\n$(id)' },
    gatewayPort: 8080,
    limits: { memoryBytes: 1024 ** 3, processes: 64, workspaceBytes: 1024 ** 2 },
  },
  sources: {
    workspace: '/data/r1/workspace',
    guest: '/app/guest',
    linkSocket: '/data/l',
    gatewaySocket: '/data/g',
    ownFilesFolder: '/data/r/files',
    filesFolder: '/data/r1/files',
    files: [{ source: '0', target: '/etc/passwd' }],
    mounts: [{ source: '/opt/to:ol', target: '/opt/tool' }],
  },
  image: { id: `sha256:${'0'.repeat(64)}`, variables: ['PATH', 'LEAK'] },
  user: { uid: 700_001, gid: 700_001 },
  labels: { 'glovebox.run': 'r1' },
  runtime: null,
  openFiles: 4096,
  facts,
}

function hostConfig(changes: Partial<ContainerParts> = {}) {
  return containerOptions({ ...parts, ...changes }).HostConfig ?? {}
}

test('sets no privilege, no network and no host namespace explicitly instead of relying on defaults', () => {
  expect(hostConfig()).toMatchObject({
    NetworkMode: 'none',
    IpcMode: 'private',
    Privileged: false,
    CapDrop: ['ALL'],
    CapAdd: [],
    Devices: [],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    Init: false,
    AutoRemove: false,
    LogConfig: { Type: 'none' },
  })
  expect(Object.values(hostConfig())).not.toContain('host')
  expect(containerOptions(parts).User).toBe('700001:700001')
})

test('binds only the workspace writable, and keeps a path with a colon as one path', () => {
  const mounts = hostConfig().Mounts ?? []
  expect(mounts.filter(({ ReadOnly }) => ReadOnly !== true).map(({ Target }) => Target)).toEqual(['/workspace'])
  expect(mounts.find(({ Target }) => Target === '/opt/tool')?.Source).toBe('/opt/to:ol')
  expect(mounts.some(({ Source }) => /docker|podman/.test(Source))).toBe(false)
})

test('removes variables of the image and the engine, and keeps those of the run', () => {
  expect(containerOptions(parts).Env).toEqual([
    'PATH=/usr/bin',
    'ODD=a=b\n$(id)',
    'LEAK',
    'HOSTNAME',
    'TERM',
    'container',
  ])
})

test('removes variables of the image that are called like what every object has', () => {
  const image = { ...parts.image, variables: ['constructor', '__proto__'] }
  expect(containerOptions({ ...parts, image }).Env).toEqual(expect.arrayContaining(['constructor', '__proto__']))
})

test('does not ask for a limit that the engine cannot enforce', () => {
  expect(hostConfig()).toMatchObject({ Memory: 1024 ** 3, MemorySwap: 1024 ** 3, PidsLimit: 64, OomKillDisable: false })
  const none = { memory: false, swap: true, processes: false, cpu: false }
  const without = hostConfig({ facts: { ...facts, limits: none } })
  expect(['Memory', 'MemorySwap', 'PidsLimit', 'CpuShares'].filter((key) => key in without)).toEqual([])
})

test('tells engines that map ids to keep them', () => {
  expect(hostConfig({ facts: { ...facts, remapsIds: true } }).UsernsMode).toBe('host')
  expect(hostConfig({ facts: { ...facts, rootless: true } }).UsernsMode).toBe('keep-id')
})
