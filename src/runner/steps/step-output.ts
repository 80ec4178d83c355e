// What a step wrote, on its way to blobs.
import type { EventBody } from '../../domain/event.ts'
import type { BlobStore, BlobWriter } from '../../store/types.ts'

export type StepOutcome = EventBody<'step.finished'>

export interface StepOutput {
  stdout: BlobWriter
  stderr: BlobWriter
  finish(): Promise<Pick<StepOutcome, 'stdout' | 'stderr'>>
  abort(): Promise<void>
}

export async function openOutput(blobs: BlobStore): Promise<StepOutput> {
  const [stdout, stderr] = await Promise.all([blobs.writer(), blobs.writer()])
  return {
    stdout,
    stderr,
    async finish() {
      const [out, err] = await Promise.all([stdout.finish(), stderr.finish()])
      return { stdout: out.digest, stderr: err.digest }
    },
    async abort() {
      await Promise.all([stdout.abort(), stderr.abort()])
    },
  }
}
