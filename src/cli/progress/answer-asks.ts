// Shows an agent's request whole, and takes the person's answer in place.
import type { Ask } from '../../domain/ask.ts'
import { printable } from '../../domain/byte-text.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import { askInputLines } from '../print/print-ask-input.ts'
import { askLines } from '../print/print-ask.ts'
import type { Session } from '../session/session.ts'
import { readAll } from '../text/write.ts'
import type { Style } from '../text/style.ts'

const MAX_INPUT_BYTES = 256 * 1024
const MAX_LINES = 1000

export interface ShownAsk {
  lines: string[]
  /** Whether the lines show everything; if not, nobody should allow the request on their account. */
  whole: boolean
}

/** `limit`: whether a long input is left out. */
export async function showAsk({ client, folder }: Session, ask: Ask, style: Style, limit = true): Promise<ShownAsk> {
  const lines = askLines(ask, style)
  const bytes = await inputOf(client, ask, limit)
  if (bytes === null) return { lines, whole: true }
  const input = bytes.whole ? askInputLines(bytes.bytes) : []
  if (bytes.whole && (!limit || input.length <= MAX_LINES))
    return { lines: [...lines.slice(0, -1), ...input, ...lines.slice(-1)], whole: true }
  const command = folder.command(`ask show ${ask.id}`)
  return {
    lines: [...lines, style.warn(`  its input is too long to show here; read it with \`${command}\``)],
    whole: false,
  }
}

async function inputOf(client: Session['client'], ask: Ask, limit: boolean) {
  try {
    const { bytes } = await client.readAskInput({ params: { ask: ask.id } })
    return await readAll(bytes, limit ? MAX_INPUT_BYTES : Infinity)
  } catch (error) {
    if (error instanceof ProblemError && (error.code === 'not-found' || error.code === 'removed')) return null
    throw error
  }
}

/** A printable line that says what came of it: someone else, or the deadline, may have been faster. */
export async function answerAsk({ client }: Session, { id }: Ask, allow: boolean): Promise<string> {
  const call = { params: { ask: id }, body: { reason: null } }
  try {
    const { status } = await (allow ? client.allowAsk(call) : client.denyAsk(call))
    return `Ask ${id} is ${status}.`
  } catch (error) {
    if (error instanceof ProblemError) return printable(error.message)
    throw error
  }
}
