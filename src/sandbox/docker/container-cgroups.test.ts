import { expect, test } from 'vitest'
import { locateCgroup } from './container-cgroups.ts'

const MOUNTS = `30 20 0:26 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
31 20 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct
32 20 0:28 /outer /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
33 20 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`

test.each([
  ['memory', '4:memory:/docker/abc\n0::/', { version: 1, directory: '/sys/fs/cgroup/memory/docker/abc' }],
  ['cpu', '3:cpu,cpuacct:/docker/abc', { version: 1, directory: '/sys/fs/cgroup/cpu,cpuacct/docker/abc' }],
  ['pids', '8:pids:/outer/docker/abc', { version: 1, directory: '/sys/fs/cgroup/pids/docker/abc' }],
  ['pids', '8:pids:/elsewhere/abc', null], // not in the mounted part of the hierarchy
  ['memory', '4:memory:/../docker/abc', null], // outside our own cgroup namespace
  ['memory', '', null],
] as const)('finds the cgroup of controller %s from %j', (controller, lines, expected) => {
  expect(locateCgroup(controller, MOUNTS, lines)).toEqual(expected)
})
