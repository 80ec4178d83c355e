// A Docker Engine for tests alone: started by whoever needs it first, shared by all test files of this checkout, ended
// by the last (stop-engine.ts). It needs root, and Debian's docker.io and debootstrap, which `scripts/setup tests` brings.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findTool } from '../../src/sandbox/on-host/find-tool.ts'

const PROJECT = join(import.meta.dirname, '../..')
const DATA = join(PROJECT, 'build/docker')
/** Short, as sockets want it, and the same for every process of this checkout. The engine takes root, and so does the folder. */
const FOLDER = join('/run', `glovebox-engine-${createHash('sha256').update(PROJECT).digest('hex').slice(0, 8)}`)
const USERS = join(FOLDER, 'users')
const MAX_OUTPUT_BYTES = 1024 ** 2

const run = promisify(execFile)

export interface TestEngine {
  socket: string
  image: string
}

/** The engine, or why there is none here. */
export async function openTestEngine(): Promise<TestEngine | string> {
  if (process.getuid?.() !== 0) return 'it takes root to start an engine'
  const missing = ['dockerd', 'docker', 'debootstrap', 'flock', 'curl'].filter((tool) => findTool(tool) === null)
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`
  // Tried once for a run of the tests, by the first of its workers.
  const failed = join(DATA, `failed-${process.env['VITEST'] ? process.ppid : process.pid}`)
  if (existsSync(failed)) return readFileSync(failed, 'utf8')
  mkdirSync(DATA, { recursive: true })
  mkdirSync(USERS, { recursive: true })
  writeFileSync(join(USERS, String(process.pid)), '')
  try {
    return {
      socket: join(FOLDER, 'engine.sock'),
      image: (await locked('start-engine', FOLDER, join(DATA, 'data'))).trim(),
    }
  } catch (error) {
    const reason = `the engine does not start: ${(error as Error).message.trim().slice(-1000)}`
    writeFileSync(failed, reason)
    return reason
  }
}

/** Ends the engine unless others use it: those that are neither this process nor its children. */
export async function closeTestEngine(): Promise<void> {
  if (!existsSync(FOLDER)) return
  rmSync(join(DATA, `failed-${process.pid}`), { force: true })
  const others = readdirSync(USERS)
    .map(Number)
    .filter((pid) => pid !== process.pid && ![null, process.pid].includes(parentOf(pid)))
  if (others.length === 0) await locked('stop-engine', FOLDER)
}

/** Under a lock, and the engine does not inherit it. */
async function locked(script: string, ...argv: string[]): Promise<string> {
  const command = join(import.meta.dirname, script)
  const { stdout } = await run('flock', ['--close', join(DATA, 'lock'), command, ...argv], {
    maxBuffer: MAX_OUTPUT_BYTES,
  })
  return stdout
}

/** null: it has ended. */
function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}
