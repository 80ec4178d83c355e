import { readSetting } from './read-setting.ts'

/**
 * Bytes that processes, and the children that they waited for, have written to disks. See proc_pid_io(5). Misses the
 * bytes of ended processes whose parents did not wait for them, and of processes that this account may not inspect.
 */
export function bytesWrittenBy(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const written = /^write_bytes: (\d+)$/m.exec(readSetting(`/proc/${pid}/io`) ?? '')?.[1]
    return sum + Number(written ?? 0)
  }, 0)
}
