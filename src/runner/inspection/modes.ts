// Modes of git's trees.
export const ABSENT = '000000'
export const EXECUTABLE = '100755'
export const SYMLINK = '120000'
export const SUBMODULE = '160000'

/** Links and submodules: their target decides which files are read below the path. */
export function isLinkMode(mode: string): boolean {
  return mode === SYMLINK || mode === SUBMODULE
}
