// Storage of a step's output as blobs. Output over the limit is kept as two blobs, its beginning and its end.
import type { EventBody } from '../../domain/event.ts'
import type { CommandResult } from '../../sandbox/types.ts'
import { OUTPUT_TAIL_BYTES } from '../../sandbox/types.ts'
import type { BlobStore } from '../../store/types.ts'

export type StepOutcome = EventBody<'step.finished'>

type Kept = Pick<StepOutcome, 'stdout' | 'stderr' | 'stdoutCut' | 'stderrCut'>

export interface StepOutput {
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void>
  /** Some of the bytes kept from the beginning of a stream, from `offset` on; empty if there are none yet, or no more. */
  read(stream: 'stdout' | 'stderr', offset: number): Promise<Uint8Array>
  /** Whether a stream has no gap so far. */
  isWhole(stream: 'stdout' | 'stderr'): boolean
  /** Bytes that have arrived of each stream. */
  arrived(): Pick<CommandResult, 'stdoutBytes' | 'stderrBytes'>
  finish(result: Pick<CommandResult, 'stdoutBytes' | 'stderrBytes'>): Promise<Kept>
  abort(): Promise<void>
}

/** `limit`: the guest's output limit. Bytes after it are the end of the stream, which the guest sends last. */
export async function openOutput(blobs: BlobStore, limit: number): Promise<StepOutput> {
  const [stdout, stderr] = await Promise.all([openStream(blobs, limit), openStream(blobs, limit)])
  const streams = { stdout, stderr }
  return {
    write: (stream, bytes) => streams[stream].write(bytes),
    read: (stream, offset) => streams[stream].read(offset),
    isWhole: (stream) => streams[stream].isWhole(),
    arrived: () => ({ stdoutBytes: stdout.arrived(), stderrBytes: stderr.arrived() }),
    async finish({ stdoutBytes, stderrBytes }) {
      const [out, error] = await Promise.all([stdout.finish(stdoutBytes), stderr.finish(stderrBytes)])
      return { stdout: out.digest, stderr: error.digest, stdoutCut: out.cut, stderrCut: error.cut }
    },
    async abort() {
      await Promise.all([stdout.abort(), stderr.abort()])
    },
  }
}

async function openStream(blobs: BlobStore, limit: number) {
  const head = await blobs.writer()
  const tail: Uint8Array[] = []
  let kept = 0
  return {
    async write(bytes: Uint8Array): Promise<void> {
      const room = Math.max(0, limit - kept)
      kept += bytes.length
      if (kept > limit + OUTPUT_TAIL_BYTES) throw new Error('the guest passed on more output than it may')
      if (room > 0) await head.write(bytes.subarray(0, room))
      // A copy, so that it does not keep its larger frame in memory.
      if (bytes.length > room) tail.push(bytes.slice(room))
    },
    read: (offset: number) => head.read(offset),
    isWhole: () => kept <= limit,
    arrived: () => kept,
    async finish(written: number): Promise<{ digest: string; cut: StepOutcome['stdoutCut'] }> {
      const omitted = Math.max(0, written - kept)
      if (omitted === 0) {
        for (const bytes of tail) await head.write(bytes)
        return { digest: (await head.finish()).digest, cut: null }
      }
      const { digest } = await head.finish()
      return {
        digest,
        cut: { omitted, tail: tail.length === 0 ? null : (await blobs.put(Buffer.concat(tail))).digest },
      }
    },
    abort: () => head.abort(),
  }
}
