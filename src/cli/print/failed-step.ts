// The step whose failure ended a run, and the last lines that it printed. They come from the sandbox, so they are
// escaped.
import { stripVTControlCharacters } from 'node:util'
import type { Client } from '../../contract/client.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import { printableBlock } from '../../domain/byte-text.ts'
import type { EventBody } from '../../domain/event.ts'

type StepResult = EventBody<'step.finished'>

const MAX_LINES = 15
/** Lines of standard output that are kept when standard error alone would fill the list. */
const MIN_STDOUT = 5
/** Enough for the lines: longer ones are cut anyway. */
const TAIL_BYTES = 16 * 1024

export function failedStep(steps: readonly StepResult[]): StepResult | undefined {
  return steps.findLast(({ outcome }) => outcome === 'failed' || outcome === 'timed-out')
}

/** `isAgent`: its standard output is a protocol, which tells a person nothing. None if the output has been removed from the store. */
export async function lastLines(client: Client, run: string, step: StepResult, isAgent: boolean): Promise<string[]> {
  try {
    return await readLastLines(client, run, step, isAgent)
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'removed') return []
    throw error
  }
}

async function readLastLines(client: Client, run: string, step: StepResult, isAgent: boolean): Promise<string[]> {
  const read = async (stream: 'stdout' | 'stderr') => {
    if (step[stream] === null) return []
    const part = step[`${stream}Cut`]?.tail ? 'tail' : 'all'
    const { bytes } = await client.readOutput({ params: { run, step: step.step }, query: { stream, part } })
    return linesOf(await endOf(bytes))
  }
  const [stdout, stderr] = [isAgent ? [] : await read('stdout'), await read('stderr')]
  const first = stdout.slice(-Math.max(MIN_STDOUT, MAX_LINES - stderr.length))
  return first.length === MAX_LINES ? first : [...first, ...stderr.slice(first.length - MAX_LINES)]
}

async function endOf(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let end: Uint8Array = new Uint8Array()
  for await (const chunk of bytes) end = Buffer.concat([end, chunk]).subarray(-TAIL_BYTES)
  return end
}

/** Without colours, which nobody would see, and without the empty lines at the end, which would take the place of text. */
function linesOf(bytes: Uint8Array): string[] {
  const text = stripVTControlCharacters(new TextDecoder().decode(bytes)).replaceAll('\r\n', '\n').trimEnd()
  return text === '' ? [] : printableBlock(text).split('\n')
}
