// The grammar of ref names: that of `git check-ref-format`, restricted to valid UTF-8 without control characters.

/** In bytes. git leaves the limit to the file system, which allows 255 bytes in a path component. */
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
