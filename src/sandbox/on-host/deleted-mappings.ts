import { readSetting } from './read-setting.ts'

/**
 * A line of proc_pid_maps(5) for a removed file: address, permissions, offset, device, inode, path. The path is the one
 * inside the sandbox, where nobody can move the workspace. The device is ignored, because btrfs shows another device
 * here than in stat(2).
 */
const DELETED = /^\S+ \S+ \S+ \S+ (\d+) +\/workspace\/.* \(deleted\)$/gm

/** Inodes of removed workspace files that a process still has mapped. */
export function deletedMappings(pid: number): bigint[] {
  return deletedIn(readSetting(`/proc/${pid}/maps`) ?? '')
}

export function deletedIn(maps: string): bigint[] {
  return [...new Set([...maps.matchAll(DELETED)].map(([, inode = '0']) => BigInt(inode)))]
}
