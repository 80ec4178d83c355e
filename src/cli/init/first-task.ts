// A first task for the repository of the current folder: it runs the tests and changes nothing.
import { constants } from 'node:fs'
import { lstat, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UsageError } from '../cli-error.ts'

const FOLDER = ['.glovebox', 'tasks'] as const
const MAX_BYTES = 1024 * 1024

export interface FirstTask {
  /** The work tree that it belongs to. */
  repository: string
  name: string
  /** Absolute path of the file. */
  file: string
  text: string
}

/** The task that fits the repository around `cwd`; null outside of a work tree. */
export async function chooseFirstTask(cwd: string): Promise<FirstTask | null> {
  const repository = await workTreeOf(cwd)
  if (repository === null) return null
  const { name, text } = await taskFor(repository)
  return { repository, name, text, file: join(repository, ...FOLDER, `${name}.yaml`) }
}

/**
 * Returns false if a file has the name; it is kept as it is. Rejects with UsageError if a link stands in the way: the
 * repository may have come from a stranger, and a link could lead anywhere.
 */
export async function writeFirstTask({ repository, file, text }: FirstTask): Promise<boolean> {
  for (const folder of FOLDER.map((_, index) => join(repository, ...FOLDER.slice(0, index + 1)))) {
    await mkdir(folder).catch(unlessItExists)
    if (!(await lstat(folder)).isDirectory())
      throw new UsageError(`${folder} is not a folder, so there is no task file`)
  }
  return writeNew(file, text, 0o644)
}

/** Returns false if the file exists; it is kept as it is. */
export async function writeNew(file: string, text: string, mode: number): Promise<boolean> {
  try {
    await using created = await open(file, 'wx', mode)
    await created.writeFile(text)
    return true
  } catch (error) {
    unlessItExists(error)
    return false
  }
}

/** null if the file is missing, or is anything but a small regular file. */
export async function readSmall(file: string): Promise<string | null> {
  try {
    await using opened = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stats = await opened.stat()
    return stats.isFile() && stats.size <= MAX_BYTES ? await opened.readFile('utf8') : null
  } catch {
    return null
  }
}

async function workTreeOf(cwd: string): Promise<string | null> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) return null
  }
}

async function taskFor(repository: string): Promise<{ name: string; text: string }> {
  const at = (name: string) => join(repository, name)
  if ((await exists(at('package-lock.json'))) && hasTestScript(await readSmall(at('package.json'))))
    return { name: 'run-tests', text: taskText('run-tests', 'Install the dependencies and run the tests', NPM) }
  if (/^test\s*:/m.test((await readSmall(at('Makefile'))) ?? ''))
    return { name: 'run-tests', text: taskText('run-tests', 'Run the tests', MAKE) }
  return { name: 'look-around', text: taskText('look-around', 'List what the repository has', LIST) }
}

const NPM = `# The registry of this machine's npm, read only. Nothing else can be reached.
reach: [npm]

steps:
  - name: install
    run: npm ci --no-audit
  - name: test
    run: npm test
`
const MAKE = `steps:
  - name: test
    run: make test
`
const LIST = `steps:
  - name: history
    run: git log --oneline -10
  - name: files
    run: git ls-files
`

function taskText(name: string, description: string, rest: string): string {
  return `# Made by \`glovebox init\`. docs/tasks.md describes every field. Runs read it from the default branch, so commit it there.
name: ${name}
description: ${description}
mode: read-only # with \`write\`, a run may propose what it changed

limits:
  wall-minutes: 15

${rest}`
}

function hasTestScript(packageJson: string | null): boolean {
  try {
    const { scripts } = JSON.parse(packageJson ?? '') as { scripts?: { test?: unknown } }
    return typeof scripts?.test === 'string'
  } catch {
    return false
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}

function unlessItExists(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
}
