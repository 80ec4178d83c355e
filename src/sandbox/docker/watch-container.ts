// Watch over one container from before its start to its end: its standard error, its exit, and the loss of the engine.
import { z } from 'zod'
import type { SandboxExit } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask } from './engine.ts'

export interface ContainerWatch {
  start(): Promise<void>
  exited: Promise<SandboxExit>
  /** Message that the engine went away; null while it is reachable. */
  broken: () => string | null
  /**
   * Whether the kernel killed one of its processes for lack of memory, as the engine reports it after the container's
   * end.
   */
  outOfMemory: () => Promise<boolean>
  /** Whether the engine has paused it. Also false when the engine does not answer: `broken` reports that. */
  isPaused: () => Promise<boolean>
}

const MAX_STDERR_BYTES = 16 * 1024
/** Exit status of shells and engines for SIGKILL: 128 plus the signal's number. */
const KILLED = 137

const Ended = z.object({ State: z.object({ OOMKilled: z.boolean().default(false) }) })
const Held = z.object({ State: z.object({ Paused: z.boolean().default(false) }) })

/**
 * Calls `kill` when the engine goes away, because nothing else would end the container then. It then counts as exited
 * once it is killed.
 */
export async function watchContainer(engine: Engine, id: string, kill: () => Promise<void>): Promise<ContainerWatch> {
  const container = engine.client.getContainer(id)
  const stderr = await attachStderr(engine, id)
  let broken: string | null = null
  const { promise: exited, resolve } = Promise.withResolvers<SandboxExit>()
  let checked: Promise<boolean> = Promise.resolve(false)
  return {
    exited,
    broken: () => broken,
    outOfMemory: () => checked,
    isPaused: () =>
      ask(engine, () => container.inspect()).then(
        (answer) => Held.parse(answer).State.Paused,
        () => false,
      ),
    async start() {
      await ask(engine, () => container.start())
      const waiting = await ask(engine, () => engine.waitFor(id))
      waiting.exited.then(
        (code) => {
          checked = ask(engine, () => container.inspect()).then(
            (answer) => Ended.parse(answer).State.OOMKilled,
            () => false, // the container was removed meanwhile
          )
          resolve({
            ...(code === KILLED ? { code: null, signal: 'SIGKILL' } : { code, signal: null }),
            stderr: stderr(),
          })
        },
        (error: Error) => {
          broken = error.message
          const end = () => resolve({ code: null, signal: null, stderr: error.message })
          kill().then(end, end)
        },
      )
    },
  }
}

/** Reads all of it, because the sandbox would block on a full pipe. Only the end is kept. */
async function attachStderr(engine: Engine, id: string): Promise<() => string> {
  const options = { stream: true, stdin: false, stdout: false, stderr: true, logs: false }
  const stream = await ask(engine, () => engine.client.getContainer(id).attach(options))
  let tail = Buffer.alloc(0)
  const keep = { write: (chunk: Buffer) => (tail = Buffer.concat([tail, chunk]).subarray(-MAX_STDERR_BYTES)) }
  stream.on('error', () => undefined) // the wait reports the end
  engine.client.modem.demuxStream(
    stream,
    keep as unknown as NodeJS.WritableStream,
    keep as unknown as NodeJS.WritableStream,
  )
  return () => tail.toString('utf8')
}
