// Resolves paths that a model names. Paths outside the working directory are allowed, since the sandbox is the
// boundary, but the model gets a note.
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

export interface Place {
  /** The named path, made absolute. */
  path: string
  /** A note for the model if the path leads through a link or outside the working directory; else empty. */
  note: string
}

/** Reports symbolic links but does not resolve them; opening the path follows them. */
export async function locate(named: string, cwd: string): Promise<Place> {
  const path = resolve(cwd, named)
  const [real, home] = await Promise.all([realOf(path), realOf(cwd)])
  const outside = !isInside(real, home)
  // Links above the working directory, such as /tmp, don't matter.
  const linked = relative(home, real) !== relative(cwd, path)
  if (!outside && !linked) return { path, note: '' }
  const what = linked ? `a symbolic link leads to ${real}` : real
  return { path, note: `[${what}${outside ? ', outside of the working directory' : ''}]` }
}

/** The real path; for a missing file the real path of its folder plus its name. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(await realOf(parent), basename(path))
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
