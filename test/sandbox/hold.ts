// Starts a Glovebox process that a test may kill, and waits until its sandbox is running.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findTool } from '../../src/sandbox/on-host/find-tool.ts'

export interface Held {
  child: ChildProcess
  folder: string
  root: string
  run: string
  hostUid: number
  limitsInForce: Record<string, string>
  /** Limits that the sandbox hit, known after its end. */
  hits: Promise<string[]>
}

/** argv prefix that runs a command under another account. */
export function as(person: number): string[] {
  return [findTool('setpriv')!, `--reuid=${person}`, `--regid=${person}`, '--clear-groups', '--']
}

const UP = 'setsid sleep 60 & sleep 0.1; echo up > done; sleep 60'

export async function holdSandbox(prefix: readonly string[], options: object, ...more: string[]): Promise<Held> {
  return holdScript(UP, prefix, options, ...more)
}

export async function holdScript(
  script: string,
  prefix: readonly string[],
  options: object,
  ...more: string[]
): Promise<Held> {
  const holder = fileURLToPath(new URL('hold-sandbox.ts', import.meta.url))
  const [command = '', ...args] = [...prefix, process.execPath, holder, script, JSON.stringify(options), ...more]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } })
  const lines = createInterface(child.stdout!)
  const [line] = await once(lines, 'line')
  const hits = once(lines, 'line').then(([next]) => JSON.parse(String(next)) as string[])
  hits.catch(() => undefined) // only tests of limits await it
  return { child, hits, ...(JSON.parse(String(line)) as Omit<Held, 'child' | 'hits'>) }
}
