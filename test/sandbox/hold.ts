// Starts a Glovebox that a test may kill, and waits until its sandbox is up.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Held {
  child: ChildProcess
  folder: string
  root: string
  run: string
  hostUid: number
  limitsInForce: Record<string, string>
}

export async function holdSandbox(prefix: readonly string[], options: object, ...more: string[]): Promise<Held> {
  const holder = fileURLToPath(new URL('hold-sandbox.ts', import.meta.url))
  const script = 'setsid sleep 60 & sleep 0.1; echo up > done; sleep 60'
  const [command = '', ...args] = [...prefix, process.execPath, holder, script, JSON.stringify(options), ...more]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } })
  const [line] = await once(createInterface(child.stdout!), 'line')
  return { child, ...JSON.parse(String(line)) }
}
