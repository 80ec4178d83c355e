export interface CgroupMount {
  /** The part of the hierarchy that is mounted. */
  root: string
  path: string
  type: string
  options: readonly string[]
}

/** Mounts in the format of /proc/self/mountinfo, see proc_pid_mountinfo(5). */
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
