// Compares announced paths with the paths that the kernel resolved. The comparison is textual: a symbolic link and its
// target are different paths.
import type { ByteText } from '../byte-text.ts'

export function pathKey(path: ByteText): string {
  return typeof path === 'string' ? path : `\0${path.base64}`
}

/** The absolute path without `.`, `..` and empty parts. */
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
  /** Id of the announced path; null if only paths below it were announced. */
  id: number | null
  children: Map<string, Folder>
}

const MAX_COVERING = 64

/** A tree of all paths that the calls of a step announced; one walk finds all announced paths that contain a path. */
export class AnnouncedPaths {
  readonly #root: Folder = { id: null, children: new Map() }
  #count = 0

  /** Adds a path and returns its id; equal paths have equal ids. `key` must come from resolvePath(). */
  add(key: string): number {
    let folder = this.#root
    for (const part of partsOf(key)) {
      const below = folder.children.get(part) ?? { id: null, children: new Map() }
      folder.children.set(part, below)
      folder = below
    }
    return (folder.id ??= this.#count++)
  }

  /** The ids of the nearest announced paths that contain `key`. Bounded, since a path may have thousands of parts. */
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

/** The parts of a path. A path that is not valid text is a single part. */
function partsOf(key: string): string[] {
  return key.startsWith('/') ? key.split('/').filter((part) => part !== '') : [key]
}

export function isBelow(key: string, folders: readonly string[]): boolean {
  return folders.some((folder) => key === folder || key.startsWith(`${folder}/`))
}
