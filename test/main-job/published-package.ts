// A repository made from a published package, with a lockfile of that time: the versions that were current at its
// publication, within the package's own ranges.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { commitAll, git, PROJECT } from './glovebox.ts'

const run = promisify(execFile)
const NPM = join(PROJECT, 'node_modules/.bin/npm')

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  [key: string]: unknown
}

/** `old`: pinned dependencies of the lockfile. The manifest omits devDependencies that no longer install. */
export async function publishedPackage(
  folder: string,
  spec: string,
  old: Readonly<Record<string, string>>,
): Promise<string> {
  const name = spec.slice(0, spec.lastIndexOf('@'))
  const tree = join(folder, name)
  await mkdir(tree)
  const { stdout } = await npm(folder, 'pack', '--silent', spec)
  await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', tree, '--strip-components=1', '--no-same-owner'])
  const file = join(tree, 'package.json')
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest
  delete manifest.devDependencies
  await writeFile(file, JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...old } }, null, 2))
  await npm(tree, 'install', '--package-lock-only', '--ignore-scripts')
  await restoreRanges(tree, manifest)
  await rm(join(tree, 'node_modules'), { recursive: true, force: true })
  await git(tree, 'init', '--quiet', '--initial-branch=main')
  await commitAll(tree, `${spec} as it was published`)
  return tree
}

async function restoreRanges(tree: string, manifest: Manifest): Promise<void> {
  await writeFile(join(tree, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const file = join(tree, 'package-lock.json')
  const lockfile = JSON.parse(await readFile(file, 'utf8')) as { packages: Record<string, Manifest> }
  lockfile.packages[''] = { ...lockfile.packages[''], dependencies: manifest.dependencies ?? {} }
  await writeFile(file, `${JSON.stringify(lockfile, null, 2)}\n`)
}

function npm(cwd: string, ...argv: string[]): Promise<{ stdout: string }> {
  return run(process.execPath, [NPM, ...argv], { cwd, maxBuffer: 16 * 1024 * 1024 })
}
