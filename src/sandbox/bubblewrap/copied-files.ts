// Small files come into a sandbox as copies: what bwrap does for one more mount takes longer than all the rest of a file.
// The root that they lie in becomes read-only, so nobody changes them.
import { statSync } from 'node:fs'
import { INFO_FD } from './info-fd.ts'

const MAX_COPY = 256 * 1024
const OTHERS_READ = 0o004

/** The host's files that bwrap gets opened, as descriptors behind the one for its own news. */
export class CopiedFiles {
  readonly #paths: string[] = []

  get paths(): readonly string[] {
    return this.#paths
  }

  /** bwrap's options for a copy of one of them. */
  add(path: string, target: string): string[] {
    this.#paths.push(path)
    return ['--perms', '0444', '--file', String(INFO_FD + this.#paths.length), target]
  }
}

/** Only what the sandbox's uid could read itself: Glovebox, which opens it, may be root. */
export function isCopyable(path: string): boolean {
  const info = statSync(path, { throwIfNoEntry: false })
  return info?.isFile() === true && info.size <= MAX_COPY && (info.mode & OTHERS_READ) !== 0
}

/** Whether nothing is mounted over the place, or over a folder that it is in: it is in the sandbox's own root. */
export function isInRoot(target: string, mountPoints: readonly string[]): boolean {
  return !mountPoints.some((point) => target === point || target.startsWith(`${point}/`))
}
