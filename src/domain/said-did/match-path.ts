// Announced paths against those that the kernel resolved. Compared as text: a symbolic link that the agent names is another
// path than what it leads to.
import type { ByteText } from '../byte-text.ts'

export function pathKey(path: ByteText): string {
  return typeof path === 'string' ? path : `\0${path.base64}`
}

/** Absolute, without `.`, `..` and empty parts. */
export function resolvePath(path: string, folder: string): string {
  if (path.startsWith('\0')) return path
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

interface Folder {
  /** What was announced under this name; null: it only leads to something that was. */
  id: number | null
  children: Map<string, Folder>
}

const MAX_COVERING = 64

/** All paths that the calls of a step announced, so that a path finds those that it is, or is below, in one walk. */
export class AnnouncedPaths {
  readonly #root: Folder = { id: null, children: new Map() }
  #count = 0

  /** `key` as resolvePath() gives it. The same path has the same id. */
  add(key: string): number {
    let folder = this.#root
    for (const part of partsOf(key)) {
      const below = folder.children.get(part) ?? { id: null, children: new Map() }
      folder.children.set(part, below)
      folder = below
    }
    return (folder.id ??= this.#count++)
  }

  /** The nearest of them alone: nobody announces more folders around one file, and a path may have two thousand. */
  covering(key: string): number[] {
    const found: number[] = []
    if (key.startsWith('/') && this.#root.id !== null) found.push(this.#root.id)
    let folder: Folder | undefined = this.#root
    for (const part of partsOf(key)) {
      folder = folder.children.get(part)
      if (folder === undefined) break
      if (folder.id !== null) found.push(folder.id)
    }
    return found.slice(-MAX_COVERING)
  }
}

/** A name that is no text is one part, and in no folder. */
function partsOf(key: string): string[] {
  return key.startsWith('/') ? key.split('/').filter((part) => part !== '') : [key]
}

export function isBelow(key: string, folders: readonly string[]): boolean {
  return folders.some((folder) => key === folder || key.startsWith(`${folder}/`))
}
