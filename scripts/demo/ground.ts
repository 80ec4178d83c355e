// Shared parts of the demos: a fresh data folder, a private repository made from an example, and the `glovebox`
// command.
import { spawn, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { processEnvironment, searchPath } from '../../src/config/env.ts'
import { openDataFolder } from '../../src/data-folder/open-data-folder.ts'
import { tryLockFolder } from '../../src/store/sqlite/folder-lock.ts'

export const PROJECT = join(import.meta.dirname, '../..')
/** Relative, so that the commands that it suggests are the ones that the README shows. */
const PROGRAM = 'bin/glovebox'

export async function startAfresh(data: string, configuration: string): Promise<void> {
  await mkdir(data, { recursive: true, mode: 0o700 })
  const lock = await tryLockFolder(data)
  if (!lock) throw new Error(`${data} is in use by another Glovebox; stop it first`)
  await lock[Symbol.asyncDispose]()
  await rm(data, { recursive: true })
  await openDataFolder(resolve(data), { searchPath: searchPath(processEnvironment()) })
  await writeFile(join(data, 'glovebox.yaml'), configuration, { mode: 0o600 })
}

/** Creates a bare repository with one commit: the examples, laid over each other. */
export async function makePrivateRepository(examples: readonly string[], repository: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'glovebox-demo-'))
  try {
    const tree = join(work, 'tree')
    for (const example of examples)
      await cp(example, tree, { recursive: true, filter: (source) => !source.endsWith('/node_modules') })
    git(tree, 'init', '--quiet', '--initial-branch=main')
    git(tree, 'add', '--all')
    const author = ['-c', 'user.name=Example team', '-c', 'user.email=team@example.com']
    git(tree, ...author, 'commit', '--quiet', '-m', 'Begin')
    git(work, 'clone', '--quiet', '--bare', '--no-hardlinks', tree, join(PROJECT, repository))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Runs git on a tree that this script has just created, without the person's own git settings (signing, hooks). */
function git(cwd: string, ...argv: string[]): void {
  const env = { PATH: process.env['PATH'], HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  const { status, stderr } = spawnSync('git', argv, { cwd, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${argv.join(' ')} failed: ${stderr}`)
}

/** Prints the command and runs it; resolves with its exit code. Ctrl-C reaches the command, too. */
export function glovebox(...argv: readonly string[]): Promise<number> {
  note(`$ ${wrapCommand([PROGRAM, ...argv])}\n`)
  // A pager would wait for a key in the middle of the demo.
  const env = { ...process.env, GLOVEBOX_PAGER: 'cat' }
  const child = spawn(PROGRAM, argv, { cwd: PROJECT, env, stdio: 'inherit' })
  const wait = (): void => {}
  const end = (): void => void child.kill('SIGTERM')
  process.on('SIGINT', wait).on('SIGTERM', end)
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 4))
  }).finally(() => process.off('SIGINT', wait).off('SIGTERM', end))
}

/** Wide terminals are rare; the backslashes keep a long command fit to be typed again. */
function wrapCommand(words: readonly string[]): string {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(word)
    else if (last.length + word.length < MAX_COMMAND_CHARS) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`    ${word}`)
  }
  return lines.join(' \\\n')
}

/** With the prompt and the backslash it fits into 100 columns. */
const MAX_COMMAND_CHARS = 95

export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
