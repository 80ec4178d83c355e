import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readdirSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { SandboxError } from '../types.ts'
import type { SandboxExit } from '../types.ts'
import { INFO_FD } from './info-fd.ts'
import { commandName } from '../on-host/process-table.ts'
import { readSetting } from '../on-host/read-setting.ts'
import { TOOL_PATH } from '../on-host/run-tool.ts'

export interface Box {
  child: ChildProcess
  exited: Promise<SandboxExit>
}

const MAX_STDERR_BYTES = 16 * 1024
const MAX_INFO_BYTES = 16 * 1024
const START_TIMEOUT_MS = 30_000
const POLL_MS = 1

/** bwrap's messages when the kernel refuses to create or map a user namespace. */
const NO_NAMESPACE = /^bwrap: (No permissions to creat|Creating new namespace failed|setting up uid map)/m

const BwrapInfo = z.object({ 'child-pid': z.int().positive() })

/** Starts bwrap. It inherits each of the `files` as an open descriptor, in order, after INFO_FD. */
export function spawnBox(argv: readonly string[], files: readonly string[]): Box {
  const [command = '', ...args] = argv
  const opened: number[] = []
  try {
    const nothing = openSync('/dev/null', 'r')
    opened.push(nothing)
    for (const file of files) opened.push(openFile(file))
    const child = spawn(command, args, {
      cwd: '/',
      env: { PATH: TOOL_PATH },
      // A separate process group: Ctrl-C reaches only Glovebox, which then ends the run in order.
      detached: true,
      stdio: [
        'ignore',
        'ignore',
        'pipe',
        'pipe',
        ...opened.slice(1),
        ...coverInherited(nothing, INFO_FD + files.length),
      ],
    })
    return { child, exited: exitOf(child) }
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new SandboxError('start-failed', `a file of the sandbox can't be read: ${(error as Error).message}`)
  }
}

/**
 * Glovebox may have inherited open files from its parent process. Without close-on-exec the sandbox would inherit them,
 * too. Node marks its own descriptors; each of the others is replaced by /dev/null. Entry 0 is the file descriptor
 * after `last`.
 */
function coverInherited(nothing: number, last: number): (number | 'ignore')[] {
  const inherited = new Set(
    readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => fd > last && isInherited(fd)),
  )
  const highest = Math.max(last, ...inherited)
  return Array.from({ length: highest - last }, (_, at) => (inherited.has(at + last + 1) ? nothing : 'ignore'))
}

const O_CLOEXEC = 0o2000000

function isInherited(fd: number): boolean {
  const flags = /^flags:\s+([0-7]+)$/m.exec(readSetting(`/proc/self/fdinfo/${fd}`) ?? '')?.[1]
  return flags !== undefined && (parseInt(flags, 8) & O_CLOEXEC) === 0
}

/** Command name of PID 1 until it becomes the guest. */
export const MAKER = 'bwrap'

/** Host pid of PID 1, known while its sandbox is still being set up; rejects when that fails. */
export function firstProcess({ child, exited }: Box): Promise<number> {
  return Promise.race([childPid(child.stdio[3] as Readable), failure(exited)])
}

/** Resolves once PID 1 runs the guest; rejects when the sandbox could not be created. */
export async function guestStarted({ exited }: Box, pid: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  let over = false
  const end = () => (over = true)
  exited.then(end, end)
  for (let name = commandName(pid); name === MAKER || name === null; name = commandName(pid)) {
    signal.throwIfAborted()
    if (over) await failure(exited)
    if (performance.now() > deadline) throw new SandboxError('start-failed', 'the sandbox was not ready in time')
    await sleep(POLL_MS)
  }
}

async function failure(exited: Promise<SandboxExit>): Promise<never> {
  const { stderr, code, signal } = await exited
  const message = `bubblewrap could not create the sandbox: ${stderr.trim() || `ended with ${signal ?? code}`}`
  throw new SandboxError(NO_NAMESPACE.test(stderr) ? 'user-namespaces-forbidden' : 'start-failed', message)
}

async function childPid(info: Readable): Promise<number> {
  let text = ''
  for await (const chunk of info) {
    text += String(chunk)
    if (text.length > MAX_INFO_BYTES) break
    if (text.trimEnd().endsWith('}')) return BwrapInfo.parse(JSON.parse(text))['child-pid']
  }
  return new Promise(() => undefined) // bwrap ended without a report; its exit status explains why
}

function exitOf(child: ChildProcess): Promise<SandboxExit> {
  let stderr = Buffer.alloc(0)
  // Read all of it, because the sandbox would block on a full pipe. Only the end is kept.
  child.stderr?.on('data', (chunk: Buffer) => (stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR_BYTES)))
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, stderr: error.message }))
    // `exit`, not `close`: a process that outlives the kill for a moment could hold the pipe open.
    child.on('exit', (code, signal) => setImmediate(() => resolve({ code, signal, stderr: stderr.toString('utf8') })))
  })
}
