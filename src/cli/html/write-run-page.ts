// Writes the page of a run to a file.
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ProblemError } from '../../contract/problem-error.ts'
import { printable } from '../../domain/byte-text.ts'
import { UsageError } from '../cli-error.ts'
import type { RunSummary } from '../print/run-summary.ts'
import { readStepRefusals } from '../print/said-did-overview.ts'
import type { Session } from '../session/session.ts'
import { jsonText } from '../text/json-text.ts'
import { readAll } from '../text/write.ts'
import { type PageFacts, runPage } from './run-page.ts'

const MAX_DIFF_BYTES = 1024 * 1024
const SAID_DID_ROWS = 100

export async function writeRunPage(session: Session, summary: RunSummary, file: string): Promise<void> {
  const { client, environment, note } = session
  const { id } = summary.run
  const page = runPage({
    summary,
    saidDid: await client.readSaidDid({ params: { run: id }, query: { limit: SAID_DID_ROWS } }),
    refused: await readStepRefusals(client, id),
    diff: summary.change === null ? null : await diffOf(client, summary.change.change.id),
    record: await recordOf(client, id),
  })
  try {
    await writeFile(resolve(environment.cwd, file), page, { mode: 0o600 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new UsageError(`${file} can't be written: ${code}`)
  }
  note(`Wrote ${printable(file)}`)
}

async function diffOf(client: Session['client'], change: string): Promise<PageFacts['diff']> {
  try {
    const { bytes, whole } = await readAll((await client.readDiff({ params: { change } })).bytes, MAX_DIFF_BYTES)
    return { text: new TextDecoder().decode(bytes), whole }
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'removed') return { text: error.message, whole: true }
    throw error
  }
}

/** Over the lines that `trace --json` prints. */
async function recordOf(client: Session['client'], run: string): Promise<PageFacts['record']> {
  const hash = createHash('sha256')
  let events = 0
  for await (const event of await client.readEvents({ params: { run } })) {
    hash.update(`${jsonText(event)}\n`)
    events++
  }
  return { digest: hash.digest('hex'), events }
}
