// Paths that a model names. Those outside of the working directory are allowed, because the box is the wall, but said.
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

export interface Place {
  /** As named, made absolute. */
  path: string
  /** A line for the model when this is not simply a file of the working directory; empty otherwise. */
  note: string
}

/** Symbolic links are followed by whoever opens the path; here they are only told of. */
export async function locate(named: string, cwd: string): Promise<Place> {
  const path = resolve(cwd, named)
  const [real, home] = await Promise.all([realOf(path), realOf(cwd)])
  const outside = !isInside(real, home)
  // A link further up, such as /tmp, is of no interest.
  const linked = relative(home, real) !== relative(cwd, path)
  if (!outside && !linked) return { path, note: '' }
  const what = linked ? `a symbolic link leads to ${real}` : real
  return { path, note: `[${what}${outside ? ', outside of the working directory' : ''}]` }
}

/** Of what is not there yet: where it would be. */
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
