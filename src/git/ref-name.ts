// The grammar of ref names, as `git check-ref-format` has it, narrowed to valid text without control characters.

/** In bytes. Git leaves the bound to the file system, which gives a path component 255. */
const MAX_BYTES = 250
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\ufffd/

/** A full name such as `refs/heads/main`. */
export function isRefName(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_BYTES || !name.startsWith('refs/') || FORBIDDEN.test(name)) return false
  if (name.endsWith('/') || name.endsWith('.')) return false
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** A branch name without `refs/heads/`. A leading dash would read as an option, and `HEAD` as the symbolic ref. */
export function isBranchName(name: string): boolean {
  return name !== '' && name !== 'HEAD' && !name.startsWith('-') && isRefName(`refs/heads/${name}`)
}
