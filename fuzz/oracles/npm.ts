// Oracle: npm's own parsers, from the npm that this project depends on.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const inside = join(dirname(require.resolve('npm/package.json')), 'node_modules')

interface Validity {
  validForNewPackages: boolean
  validForOldPackages: boolean
}
interface ArboristNode {
  isProjectRoot: boolean
  isLink: boolean
  isWorkspace: boolean
  inNodeModules(): boolean
  location: string
  packageName: string | null
  name: string
  version: string
  resolved: string | null
}
interface Arborist {
  loadVirtual(): Promise<{ inventory: { values(): Iterable<ArboristNode> } }>
}
type Satisfies = (version: string, range: string, options: { includePrerelease: boolean; loose: boolean }) => boolean

const validate = require(join(inside, 'validate-npm-package-name')) as (name: string) => Validity
const Arborist = require(join(inside, '@npmcli/arborist')) as new (options: { path: string }) => Arborist
const semver = require(join(inside, 'semver')) as { satisfies: Satisfies }

/** Whether npm accepts a package name, for new or old packages. */
export function isPackageName(name: string): boolean {
  return validate(name).validForOldPackages
}

/** Range check of npm's audit (metavuln-calculator). */
export function npmSatisfies(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true, loose: true })
}

export interface Installed {
  name: string
  version: string
  location: string
  resolved: string | null
}

/** Packages that npm would fetch and install; null: npm can't read the lockfile. */
export async function npmReads(lockfile: string): Promise<Installed[] | null> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-npm-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"name":"app","version":"1.0.0"}')
    writeFileSync(join(folder, 'package-lock.json'), lockfile)
    const { inventory } = await new Arborist({ path: folder }).loadVirtual()
    return [...inventory.values()].flatMap(installed)
  } catch {
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function installed(node: ArboristNode): Installed[] {
  const { isProjectRoot, isLink, isWorkspace, location, resolved } = node
  if (isProjectRoot || isLink || isWorkspace || !node.inNodeModules()) return []
  // For version 1, npm returns folders and aliases unchanged.
  const version = String(node.version)
  if (version.startsWith('file:') || resolved?.startsWith('file:')) return []
  const [, alias, aliased = ''] = /^npm:(@?[^@]+)@(.+)$/.exec(version) ?? []
  if (alias !== undefined) return [{ name: alias, version: aliased, location, resolved }]
  const name = node.packageName ?? node.name
  return version === '' && !resolved ? [] : [{ name, version: version || (resolved ?? ''), location, resolved }]
}
