// Test fixture: runs the command line with standard input, on its own data folder.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from '../main-job/glovebox.ts'
import type { Finished } from '../main-job/glovebox.ts'
import { makeDataFolder } from '../data-folder.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/glovebox')

export interface Shell extends AsyncDisposable {
  readonly folder: string
  readonly data: string
  /** Everything that any command printed. */
  readonly printed: string[]
  glovebox(args: readonly string[], more?: { input?: string; env?: Record<string, string> }): Promise<Finished>
  /** Runs another program in the same environment. */
  run(program: string, args: readonly string[], more?: { input?: string }): Promise<Finished>
  start(program: string, args: readonly string[]): ChildProcess
}

export async function openShell(yaml?: string): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-credentials-'))
  const data = join(folder, 'data')
  if (yaml === undefined) await mkdir(data, { mode: 0o700 })
  else await makeDataFolder(data, yaml)
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, NO_COLOR: '1', GLOVEBOX_DATA: data, GLOVEBOX_DEBUG: '1' }
  const printed: string[] = []
  const start = (program: string, args: readonly string[], more: Record<string, string> = {}): ChildProcess =>
    spawn(program, args, { cwd: folder, env: { ...env, ...more } })
  async function run(
    program: string,
    args: readonly string[],
    more: { input?: string; env?: Record<string, string> } = {},
  ): Promise<Finished> {
    const child = start(program, args, more.env)
    child.stdin?.on('error', () => {}) // it may end without reading
    child.stdin?.end(more.input ?? '')
    const done = await finished(child)
    printed.push(done.stdout, done.stderr)
    return done
  }
  return {
    folder,
    data,
    printed,
    run,
    glovebox: (args, more) => run(PROGRAM, args, more),
    start,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

export { PROGRAM as GLOVEBOX }
