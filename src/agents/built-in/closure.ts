// Finds the installed packages that a program needs, from package-lock.json. Only these are mounted into the sandbox.

/** `path` is below the project, e.g. `node_modules/a` or `node_modules/a/node_modules/b`. */
export interface InstalledPackage {
  path: string
  version: string
}

interface LockEntry {
  version?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

/** `lock`: the content of our own lockfile. Throws if a required package is missing from it. */
export function closureOf(names: readonly string[], lock: string): InstalledPackage[] {
  const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, LockEntry> }
  const entries = new Map(Object.entries(packages))
  const found = new Map<string, LockEntry>()
  for (const name of names) visit('', name, true)
  return [...found]
    .map(([path, { version = '' }]) => ({ path, version }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))

  function visit(from: string, name: string, required: boolean): void {
    const path = foldersAbove(from)
      .map((folder) => `${folder}node_modules/${name}`)
      .find((path) => entries.has(path))
    if (path === undefined) {
      if (required)
        throw new Error(`package-lock.json has no ${name}, which ${from || 'the agent'} needs: run npm install`)
      return
    }
    if (found.has(path)) return
    const entry = entries.get(path)!
    found.set(path, entry)
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(path, dependency, true)
    // npm lists optional packages among the dependencies too, but they may be missing. Optional peers are skipped.
    for (const dependency of Object.keys(entry.optionalDependencies ?? {})) visit(path, dependency, false)
    for (const peer of Object.keys(entry.peerDependencies ?? {}))
      if (entry.peerDependenciesMeta?.[peer]?.optional !== true) visit(path, peer, true)
  }
}

/** The folders in which Node looks for modules: from the folder of the package upwards. */
function foldersAbove(path: string): string[] {
  const parts = path === '' ? [] : path.split('/node_modules/')
  const folders = parts.map((_, at) => `${parts.slice(0, parts.length - at).join('/node_modules/')}/`)
  return [...folders, '']
}
