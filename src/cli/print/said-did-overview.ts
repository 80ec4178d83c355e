// The first lines of a comparison of an agent's claims with its actions: one sentence, then the refused attempts. All
// texts come from the agent or the sandbox.
import type { Client } from '../../contract/client.ts'
import type { EventKind } from '../../domain/event.ts'
import type { SaidDidStep, Tally, Verdict } from '../../domain/said-did/types.ts'
import { formatText, shorten } from '../arguments/command-line.ts'
import { countOf } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'
import { wrapText } from '../text/wrap.ts'
import { deniedAsks } from './ask-notes.ts'
import { addFound, countRefused, REFUSAL_KINDS, refusalOf, type Refusal, type RefusalList } from './refusals.ts'

const KINDS: EventKind[] = ['step.started', 'step.finished', ...REFUSAL_KINDS, 'agent.asked', 'ask.decided']
const NO_REFUSALS: RefusalList = { refusals: [], omitted: 0 }
/** Most refusals that the sentence names, because a run can try any number of times. */
const NAMED = 3

export type StepRefusals = ReadonlyMap<number, RefusalList>

/** Reads the refused attempts of a run, by the number of the step that was at work. */
export async function readStepRefusals(client: Client, run: string): Promise<StepRefusals> {
  const found = new Map<number, RefusalList>()
  const denied = deniedAsks()
  let step: number | null = null
  for await (const event of await client.readEvents({ params: { run }, query: { kind: KINDS } })) {
    if (event.kind === 'step.started') step = event.body.step
    const refusal = refusalOf(event) ?? denied(event)
    if (refusal !== null && step !== null) {
      const list = found.get(step) ?? { refusals: [], omitted: 0 }
      found.set(step, list)
      addFound(list, refusal)
    }
    if (event.kind === 'step.finished') step = null
  }
  return found
}

export function refusalsOf(step: SaidDidStep, refused: StepRefusals): RefusalList {
  return refused.get(step.step) ?? NO_REFUSALS
}

/** A sentence about the whole step, for example "The agent announced 6 actions and did them; nothing was refused.". */
export function overviewLines(step: SaidDidStep, refused: RefusalList, columns: number): string[] {
  const parts = [announcedWords(step), ...unannouncedWords(step.totals.unannounced), refusedWords(refused)]
  return wrapText(`${parts.join('; ')}.`, columns)
}

export function refusedLines(refused: RefusalList, style: Style, columns: number): string[] {
  const count = countRefused(refused)
  if (count === 0) return []
  return [
    style.bad(`Refused: ${count}`),
    ...refused.refusals.flatMap((refusal) =>
      wrapText(`  ${attemptWords(refusal, 200)}: ${formatText(refusal.why, 300)}`, columns, '    '),
    ),
    ...(refused.omitted > 0 ? [`  and ${refused.omitted} others`] : []),
  ]
}

const OUTCOMES: readonly (readonly [verdicts: readonly Verdict[], words: string])[] = [
  [['seen', 'with-more'], 'done as announced'],
  [['partly'], 'done in part'],
  [['without-permission'], 'done without permission'],
  [['not-seen'], 'not seen'],
  [['failed'], 'failed'],
  [['denied'], 'not permitted'],
  [['tied'], 'not told apart from others'],
  [['nothing-to-see'], 'leaving no trace'],
]

function announcedWords({ agent, calls }: SaidDidStep): string {
  if (agent === null) return 'The agent never started'
  if (calls.length === 0) return 'The agent announced no actions'
  const announced = `The agent announced ${countOf(calls.length, 'action')}`
  const counts = OUTCOMES.map(
    ([verdicts, words]) => [calls.filter(({ verdict }) => verdicts.includes(verdict)).length, words] as const,
  ).filter(([count]) => count > 0)
  if (counts.length === 1 && counts[0]?.[1] === 'done as announced')
    return `${announced} and did ${calls.length === 1 ? 'it' : 'them'}`
  return `${announced} (${counts.map(([count, words]) => `${count} ${words}`).join(', ')})`
}

function unannouncedWords({ processes, files, requests }: Tally): string[] {
  const count = processes + files + requests
  return count === 0 ? [] : [`it also did ${countOf(count, 'thing')} that it had not announced`]
}

function refusedWords(refused: RefusalList): string {
  const count = countRefused(refused)
  if (count === 0) return 'nothing was refused'
  const named = refused.refusals.slice(0, NAMED).map((refusal) => attemptWords(refusal, 80))
  const more = refused.refusals.length - named.length + refused.omitted
  const list = [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  return `${count === 1 ? '1 attempt was' : `${count} attempts were`} refused: ${list}`
}

function attemptWords({ what, times }: Refusal, max: number): string {
  return `${shorten(formatText(what, 200), max)}${times > 1 ? ` (${times} times)` : ''}`
}
