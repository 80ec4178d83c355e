// Compiles test/hostile/programs/NAME.c after each change. Static binaries run in every kind of sandbox.
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const SOURCES = join(import.meta.dirname, 'programs')
const FLAGS = ['-std=gnu11', '-O1', '-static', '-pthread', '-Wall', '-Wextra', '-Wno-unused-result']
const run = promisify(execFile)

/** Mounted at /opt/hostile. */
export const PROGRAMS = join(import.meta.dirname, '../../build/hostile')

/** Other test processes may compile at the same time. */
export async function buildPrograms(): Promise<void> {
  // Rename the finished file, so that neither a sandbox nor a comparison of the host sees a partial one.
  const building = `${PROGRAMS}-${process.pid}`
  mkdirSync(PROGRAMS, { recursive: true })
  mkdirSync(building, { recursive: true })
  const newestHeader = Math.max(0, ...globSync(join(SOURCES, '*.h')).map((path) => statSync(path).mtimeMs))
  for (const source of globSync(join(SOURCES, '*.c'))) {
    const program = join(PROGRAMS, basename(source, '.c'))
    const changed = Math.max(newestHeader, statSync(source).mtimeMs)
    if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > changed) continue
    const fresh = join(building, basename(program))
    await run('gcc', [...FLAGS, '-o', fresh, source])
    renameSync(fresh, program)
  }
  rmSync(building, { recursive: true })
}
