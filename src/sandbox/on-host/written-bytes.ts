import { readSetting } from './read-setting.ts'

/**
 * Bytes that processes, and those of their children that they waited for, have written to disks: proc_pid_io(5). What a
 * process wrote whose parent does not wait for it is lost here, and so is what this account may not look at.
 */
export function bytesWrittenBy(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const written = /^write_bytes: (\d+)$/m.exec(readSetting(`/proc/${pid}/io`) ?? '')?.[1]
    return sum + Number(written ?? 0)
  }, 0)
}
