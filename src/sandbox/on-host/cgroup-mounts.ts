export interface CgroupMount {
  /** Path of the mounted part within the hierarchy. */
  root: string
  path: string
  type: string
  options: readonly string[]
}

/** Parses the cgroup mounts in /proc/self/mountinfo. See proc_pid_mountinfo(5). */
export function cgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo
    .split('\n')
    .filter((line) => line.includes(' - '))
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ')
      const [, , , root = '', path = ''] = before.split(' ')
      const [type = '', , options = ''] = after.split(' ')
      return { root, path, type, options: options.split(',') }
    })
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
}
