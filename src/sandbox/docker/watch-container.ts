// One container from before its start to its end: what it says on standard error, how it ends, whether the engine stays.
import { z } from 'zod'
import type { SandboxExit } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask } from './engine.ts'

export interface ContainerWatch {
  start(): Promise<void>
  exited: Promise<SandboxExit>
  /** Says that the engine went away. */
  broken: () => string | null
  /** Whether the kernel ended a process of it for its memory, as far as the engine knows: it says so once it has ended. */
  outOfMemory: () => Promise<boolean>
  /** Whether the engine holds it still. false, too, where the engine does not answer: `broken` tells that. */
  isPaused: () => Promise<boolean>
}

const MAX_STDERR_BYTES = 16 * 1024
/** What a shell and an engine report for SIGKILL: 128 and the signal's number. */
const KILLED = 137

const Ended = z.object({ State: z.object({ OOMKilled: z.boolean().default(false) }) })
const Held = z.object({ State: z.object({ Paused: z.boolean().default(false) }) })

/** Without its engine nobody would end it: `kill` is then called. */
export async function watchContainer(engine: Engine, id: string, kill: () => void): Promise<ContainerWatch> {
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
            () => false, // removed meanwhile
          )
          resolve({
            ...(code === KILLED ? { code: null, signal: 'SIGKILL' } : { code, signal: null }),
            stderr: stderr(),
          })
        },
        (error: Error) => {
          broken = error.message
          kill()
          resolve({ code: null, signal: null, stderr: error.message })
        },
      )
    },
  }
}

/** Always read, or the sandbox would block on a full pipe; only the end is kept. */
async function attachStderr(engine: Engine, id: string): Promise<() => string> {
  const options = { stream: true, stdin: false, stdout: false, stderr: true, logs: false }
  const stream = await ask(engine, () => engine.client.getContainer(id).attach(options))
  let tail = Buffer.alloc(0)
  const keep = { write: (chunk: Buffer) => (tail = Buffer.concat([tail, chunk]).subarray(-MAX_STDERR_BYTES)) }
  stream.on('error', () => undefined) // the wait tells
  engine.client.modem.demuxStream(
    stream,
    keep as unknown as NodeJS.WritableStream,
    keep as unknown as NodeJS.WritableStream,
  )
  return () => tail.toString('utf8')
}
