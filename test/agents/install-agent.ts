import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AgentPackage } from './agent-packages.ts'
import { PACKAGES_FOLDER } from './agent-packages.ts'

const PROJECT = join(import.meta.dirname, '../..')
const NODE = join(PROJECT, 'node_modules/.bin/node')
const NPM = join(PROJECT, 'node_modules/npm/bin/npm-cli.js')
const CACHE = join(PROJECT, 'build/agents')

const run = promisify(execFile)

/** The folder with the agent's node_modules. Throws if it cannot be installed or does not start on this machine. */
export async function installAgent(agent: AgentPackage): Promise<string> {
  const folder = join(CACHE, agent.name)
  const wanted = await digestOf(agent)
  if ((await stampOf(folder)) === wanted) return folder
  // Built in a temporary folder and renamed, so that a partial installation is never used.
  const partial = `${folder}.${process.pid}`
  try {
    await install(agent, partial)
    await probe(agent, partial)
    await writeFile(join(partial, STAMP), wanted)
    await rm(folder, { recursive: true, force: true })
    await rename(partial, folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return folder
}

const STAMP = '.installed'
const LOCKED = ['package.json', 'package-lock.json']

async function digestOf(agent: AgentPackage): Promise<string> {
  const hash = createHash('sha256')
  for (const file of LOCKED) hash.update(await readFile(join(PACKAGES_FOLDER, agent.name, file)))
  return hash.update(process.arch).digest('hex')
}

async function stampOf(folder: string): Promise<string | undefined> {
  return readFile(join(folder, STAMP), 'utf8').catch(() => undefined)
}

/**
 * Uses the project's own .npmrc, so that no install script runs. Not `npm ci`, which requires programs for all other
 * platforms in the lockfile, even those that a registry lacks.
 */
async function install(agent: AgentPackage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of LOCKED) await cp(join(PACKAGES_FOLDER, agent.name, file), join(folder, file))
  await cp(join(PROJECT, '.npmrc'), join(folder, '.npmrc'))
  // The environment of this machine may configure how npm reaches a registry.
  const env = { ...process.env, PATH: `${join(PROJECT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` }
  await run(NODE, [NPM, 'install', '--loglevel=error'], { cwd: folder, env, timeout: 600_000 })
}

/** With a home folder of its own, since some agents write there before they print anything. */
async function probe(agent: AgentPackage, folder: string): Promise<void> {
  const [program, path] = agent.probe
  const file = join(folder, 'node_modules', path)
  const home = join(folder, 'home-of-the-probe')
  await mkdir(home)
  const env = { PATH: '/usr/bin:/bin', HOME: home, TMPDIR: tmpdir() }
  const argv = program === 'node' ? [NODE, file] : [file]
  await run(argv[0]!, [...argv.slice(1), '--version'], { cwd: folder, env, timeout: 60_000 })
  await rm(home, { recursive: true })
}
