import { readSetting } from './read-setting.ts'

/**
 * Address, permissions, offset, device, inode, and a path whose name is gone: proc_pid_maps(5). The path is that of the
 * sandbox, whose workspace nobody in it can move. The device is no help: btrfs shows another one here than stat(2) does.
 */
const DELETED = /^\S+ \S+ \S+ \S+ (\d+) +\/workspace\/.* \(deleted\)$/gm

/** Inodes of files of the workspace that a process has mapped and that have no name any more. */
export function deletedMappings(pid: number): bigint[] {
  return deletedIn(readSetting(`/proc/${pid}/maps`) ?? '')
}

export function deletedIn(maps: string): bigint[] {
  return [...new Set([...maps.matchAll(DELETED)].map(([, inode = '0']) => BigInt(inode)))]
}
