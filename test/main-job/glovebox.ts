// The command line in a separate process, with its own data folder and repository.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Event, EventKind } from '../../src/domain/event.ts'

export const PROJECT = join(import.meta.dirname, '../..')
const PROGRAM = join(PROJECT, 'bin/glovebox')
const run = promisify(execFile)

/** A secret in the host's environment of Glovebox, which must never reach a sandbox. */
export const CANARY = 'canary-9f2c1b7e'

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly data: string
  glovebox(...argv: string[]): Promise<Finished>
  start(...argv: string[]): ChildProcess
  /** Events of the run, oldest first. */
  events<K extends EventKind>(runId: string, kind: K): Promise<Extract<Event, { kind: K }>[]>
}

/** `more`: additional environment of Glovebox. */
export async function openBench(more: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-main-job-'))
  const data = join(folder, 'data')
  // Commands that only read refuse a folder that does not exist.
  await mkdir(data, { mode: 0o700 })
  // Settings of the person who runs the tests have no effect here.
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    NO_COLOR: '1',
    AWS_SECRET_ACCESS_KEY: CANARY,
    ...npmSettings(),
    ...more,
  }
  const start = (...argv: string[]): ChildProcess =>
    spawn(PROGRAM, argv, { cwd: folder, env: { ...env, GLOVEBOX_DATA: data } })
  async function glovebox(...argv: string[]): Promise<Finished> {
    return finished(start(...argv))
  }
  return {
    folder,
    data,
    start,
    glovebox,
    async events(runId, kind) {
      const { stdout } = await glovebox('trace', runId, '--json', '--kind', kind)
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)) as never
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Creates a repository with one commit of these files, optionally bare. Returns its path. */
export async function makeRepository(
  folder: string,
  name: string,
  files: Readonly<Record<string, string>>,
  options: { bare?: boolean } = {},
): Promise<string> {
  const tree = join(folder, options.bare ? `${name}-tree` : name)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), content)
  }
  await git(tree, 'init', '--quiet', '--initial-branch=main')
  await commitAll(tree, 'Begin')
  if (!options.bare) return tree
  const bare = join(folder, `${name}.git`)
  await git(folder, 'clone', '--quiet', '--bare', tree, bare)
  return bare
}

export async function commitAll(tree: string, message: string): Promise<void> {
  await git(tree, 'add', '--all')
  await git(tree, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', message)
}

export async function git(cwd: string, ...argv: string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: tmpdir(),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  const { stdout } = await run('git', argv, { cwd, env, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** Environment variables that configure this machine's npm registry. */
function npmSettings(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_|NODE_EXTRA_CA_CERTS$|SSL_CERT_)/i.test(name),
  )
  return Object.fromEntries(
    entries.filter(([name]) => !/^npm_config_(local_prefix|prefix|global_prefix|noproxy)$/i.test(name)),
  ) as Record<string, string>
}
