import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { AgentScene } from './agent-scene.ts'

export type AgentProcess = ChildProcessByStdio<Writable, Readable, Readable>

/** In a group of its own, all of which is gone when the test is over. */
export function startAgent({ repository, env }: AgentScene, command: string[]): AgentProcess {
  const [program, ...args] = command
  const child = spawn(program!, args, { cwd: repository, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const closed = once(child, 'close')
  onTestFinished(async () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Everyone in the group has ended by itself.
    }
    await closed
  })
  return child
}
