import { expect, test } from 'vitest'
import { cgroupCandidates } from './find-cgroups.ts'

const UNIFIED = '31 24 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'
const LEGACY =
  '34 25 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n35 25 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n'

test('cgroup-v2: tries our own cgroup first, then its ancestors', () => {
  expect(cgroupCandidates('memory', UNIFIED, '0::/user.slice/app.scope\n').map(({ directory }) => directory)).toEqual([
    '/sys/fs/cgroup/user.slice/app.scope',
    '/sys/fs/cgroup/user.slice',
    '/sys/fs/cgroup',
  ])
})

test('cgroup-v1: finds the hierarchy of the controller', () => {
  expect(cgroupCandidates('pids', LEGACY, '8:pids:/x\n')).toEqual([{ version: 1, directory: '/sys/fs/cgroup/pids' }])
})

test('cgroup-v1: finds a controller that shares its hierarchy with another', () => {
  const mount = '36 25 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n'
  expect(cgroupCandidates('cpu', mount, '')).toEqual([{ version: 1, directory: '/sys/fs/cgroup/cpu,cpuacct' }])
})

test('ignores a cgroup outside the mounted part of the hierarchy', () => {
  expect(cgroupCandidates('memory', UNIFIED, '0::/../../other\n').map(({ directory }) => directory)).toEqual([
    '/sys/fs/cgroup',
  ])
})

test('without a hierarchy there are no candidates', () => {
  expect(cgroupCandidates('memory', '', '')).toEqual([])
})
