// Passes on the output of a step at work: standard output to standard output, standard error to standard error.
import type { Session } from '../session/session.ts'
import { writeBytes } from '../text/write.ts'

/** Resolves when the step has ended and all of its kept output is written. A terminal gets it escaped, a pipe as it is. */
export async function copyOutput(session: Session, run: string, step: number, signal: AbortSignal): Promise<void> {
  const { client, environment } = session
  const copy = async (stream: 'stdout' | 'stderr') => {
    const { bytes } = await client.readOutput({ params: { run, step }, query: { stream, follow: true }, signal })
    await writeBytes(environment[stream], bytes)
  }
  await Promise.all([copy('stdout'), copy('stderr')])
}
