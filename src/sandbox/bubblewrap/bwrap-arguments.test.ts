import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bwrapArguments } from './bwrap-arguments.ts'
import type { Sources } from '../on-host/prepare-directory.ts'
import { CopiedFiles, isCopyable, isInRoot } from './copied-files.ts'
import { limitOptions, stageOptions } from './outer-arguments.ts'

const sources: Sources = {
  workspace: '/data/r/workspace',
  guest: '/app/guest',
  linkSocket: '/data/l',
  gatewaySocket: '/data/g',
  filesFolder: '/staged/files',
  ownFilesFolder: '/data/r/files',
  files: [
    { source: '0', target: '/etc/passwd' },
    { source: '1', target: '/etc/services' },
    { source: '2', target: '/etc/ssl/certs/all.crt' },
    { source: '3', target: '/proc/cmdline' },
    { source: '4', target: '/opt/tool/file' },
  ],
  mounts: [{ source: '/opt/tool', target: '/opt/tool' }],
}
const spec = {
  env: { A: 'x y; $(id)' },
  gatewayPort: 8080,
  limits: { memoryBytes: 1024 ** 3, processes: 64, workspaceBytes: 1024 ** 3 },
}
const copied = new CopiedFiles()
const arguments_ = bwrapArguments(
  spec,
  sources,
  [
    { kind: 'bind', path: '/usr' },
    { kind: 'mask', path: '/usr/etc' },
    { kind: 'file', path: '/etc/protocols' },
    { kind: 'file', path: '/etc/services' },
    { kind: 'bind', path: '/etc/ssl/certs' },
  ],
  [],
  copied,
)

function binds(flag: string): string[] {
  return arguments_.flatMap((word, at) => (word === flag ? [`${arguments_[at + 1]} ${arguments_[at + 2]}`] : []))
}

test('the workspace is the only writable host folder', () => {
  expect(binds('--bind')).toEqual(['/data/r/workspace /workspace'])
  expect(arguments_.filter((word) => /bind-try|dev-bind|bind-fd/.test(word))).toEqual([])
  expect(binds('--ro-bind')).toContain('/usr /usr')
})

test('a file in the sandbox root is copied once, and a file below a mount is mounted', () => {
  const copies = arguments_.flatMap((word, at) => (word === '--file' ? [arguments_.slice(at - 2, at + 3)] : []))
  expect(copies).toEqual([
    ['--perms', '0444', '--file', '4', '/etc/protocols'],
    ['--perms', '0444', '--file', '5', '/etc/passwd'],
    ['--perms', '0444', '--file', '6', '/etc/services'],
  ])
  expect(copied.paths).toEqual(['/etc/protocols', '/data/r/files/0', '/data/r/files/1'])
  expect(binds('--ro-bind').filter((bind) => bind.startsWith('/staged/files'))).toEqual([
    '/staged/files/2 /etc/ssl/certs/all.crt',
    '/staged/files/3 /proc/cmdline',
    '/staged/files/4 /opt/tool/file',
  ])
})

test('copies no unreadable files, large files or non-regular files, although Glovebox may be root', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'copied-'))
  try {
    const path = join(folder, 'file')
    await writeFile(path, 'x', { mode: 0o644 })
    expect(isCopyable(path)).toBe(true)
    await chmod(path, 0o640)
    expect(isCopyable(path)).toBe(false)
    await chmod(path, 0o644)
    await truncate(path, 257 * 1024)
    expect(isCopyable(path)).toBe(false)
    expect(isCopyable(folder)).toBe(false)
    expect(isCopyable(join(folder, 'missing'))).toBe(false)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a path is in the sandbox root only when no folder above it is mounted', () => {
  expect(isInRoot('/etc/ssl/cert.pem', ['/etc/ssl/certs', '/usr'])).toBe(true)
  expect(isInRoot('/etc/ssl/certs/a.pem', ['/etc/ssl/certs'])).toBe(false)
  expect(isInRoot('/etc/ssl/certs', ['/etc/ssl/certs'])).toBe(false)
})

test('every namespace is new, every capability but one is dropped, and nothing is shared', () => {
  for (const name of ['user', 'pid', 'net', 'ipc', 'uts', 'cgroup']) expect(arguments_).toContain(`--unshare-${name}`)
  expect(arguments_.filter((word) => word.endsWith('-try') || word === '--share-net')).toEqual([])
  expect(arguments_.slice(arguments_.indexOf('--cap-drop')).slice(0, 4)).toEqual([
    '--cap-drop',
    'ALL',
    '--cap-add',
    'CAP_SYS_PTRACE',
  ])
  for (const flag of ['--die-with-parent', '--as-pid-1', '--new-session', '--clearenv'])
    expect(arguments_).toContain(flag)
})

test('the root becomes read-only after every mount point exists', () => {
  const remount = arguments_.findLastIndex((word, at) => word === '--remount-ro' && arguments_[at + 1] === '/')
  const mounts = ['--ro-bind', '--bind', '--tmpfs', '--dir', '--proc', '--dev', '--symlink'].map((flag) =>
    arguments_.lastIndexOf(flag),
  )
  expect(remount).toBeGreaterThan(Math.max(...mounts))
})

test('every value is a separate argument, never part of a script', () => {
  expect(arguments_[arguments_.indexOf('--setenv') + 2]).toBe('x y; $(id)')
  expect(limitOptions(['/sys/fs/cgroup/$(id)'], 1024)).toEqual([
    '--file-size',
    '1024',
    '--cgroup',
    '/sys/fs/cgroup/$(id)',
  ])
})

test('as root, every source is staged, the uid changes before bwrap starts, and no source is hidden by the stage', () => {
  const { options, sources: staged } = stageOptions(700_001, sources)
  expect(staged).toEqual({
    workspace: '/mnt/0',
    guest: '/mnt/1',
    linkSocket: '/mnt/2',
    gatewaySocket: '/mnt/3',
    filesFolder: '/mnt/4',
    ownFilesFolder: '/data/r/files',
    files: sources.files,
    mounts: [{ source: '/mnt/5', target: '/opt/tool' }],
  })
  expect(options.slice(0, 6)).toEqual(['--uid', '700001', '/mnt', '--bind', sources.workspace, '/mnt/0'])
  expect(options.slice(-3)).toEqual(['--bind', expect.any(String), '/mnt/5'])
  expect(stageOptions(700_001, { ...sources, workspace: '/mnt/data/workspace' }).sources.workspace).toBe('/run/0')
})
