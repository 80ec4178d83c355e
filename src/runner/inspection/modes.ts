// Modes of git's trees.
export const ABSENT = '000000'
export const EXECUTABLE = '100755'
export const SYMLINK = '120000'
export const SUBMODULE = '160000'

/** Where it leads says what is read below its path. */
export function isLinkMode(mode: string): boolean {
  return mode === SYMLINK || mode === SUBMODULE
}
