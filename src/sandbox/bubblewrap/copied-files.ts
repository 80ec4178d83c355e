// Small files that a sandbox gets as copies, because one more mount costs bwrap more time than copying the file. The
// sandbox root becomes read-only, so nobody can change the copies.
import { statSync } from 'node:fs'
import { INFO_FD } from './info-fd.ts'

const MAX_COPY = 256 * 1024
const OTHERS_READ = 0o004

/** Host files that bwrap inherits as open descriptors, numbered after INFO_FD. */
export class CopiedFiles {
  readonly #paths: string[] = []

  get paths(): readonly string[] {
    return this.#paths
  }

  /** Opens one file; returns bwrap's options that copy it to `target`. */
  add(path: string, target: string): string[] {
    this.#paths.push(path)
    return ['--perms', '0444', '--file', String(INFO_FD + this.#paths.length), target]
  }
}

/** Accepts only files that the sandbox's uid could read itself, because Glovebox, which opens them, may be root. */
export function isCopyable(path: string): boolean {
  const info = statSync(path, { throwIfNoEntry: false })
  return info?.isFile() === true && info.size <= MAX_COPY && (info.mode & OTHERS_READ) !== 0
}

/** Whether `target` lies in the sandbox's own root: neither it nor a folder above it is a mount point. */
export function isInRoot(target: string, mountPoints: readonly string[]): boolean {
  return !mountPoints.some((point) => target === point || target.startsWith(`${point}/`))
}
