// The verdict on a run: one sentence that says what came of it and what a person does next. It is the last line of every
// summary, so that it is on the screen whatever its length.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { AdvisoryReport } from '../../domain/change.ts'
import { gateIsOpen } from '../../domain/gate.ts'
import { shortId } from '../../domain/ids.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'
import { beforeCommand, wrapText } from '../text/wrap.ts'
import { failedStep } from './failed-step.ts'
import { countRefused } from './refusals.ts'
import { approveWords } from './print-change.ts'
import { advisoryCount } from './print-advisories.ts'
import type { RunSummary, StepResult } from './run-summary.ts'

export interface VerdictOptions {
  command: SuggestCommand
  columns: number
  /** Why the reading person can't approve the change; null if they may. */
  obstacle: string | null
}

type Facts = Pick<
  RunSummary,
  'run' | 'advisories' | 'steps' | 'refused' | 'change' | 'artifacts' | 'stepCount' | 'current'
>

/** Printable and painted. One line if it fits; otherwise the command has the last line for itself. */
export function verdictLines(facts: Facts, options: VerdictOptions, style: Style): string[] {
  const { mark, parts, next } = verdictOf(facts, options)
  const paint = { '✓': style.good, '✗': style.bad, '…': style.warn }[mark]
  const words = `${mark} ${parts.join(' · ')}`
  const lines =
    next === undefined
      ? wrapText(words, options.columns, '  ')
      : beforeCommand(words, next, options.columns, words.endsWith(':') ? ' ' : ' · ')
  return lines.map(paint)
}

interface Verdict {
  mark: '✓' | '✗' | '…'
  parts: string[]
  /** The command that comes next, if there is one. */
  next?: string
}

function verdictOf(facts: Facts, options: VerdictOptions): Verdict {
  const { run, steps } = facts
  const why = run.reason === null ? '' : formatText(run.reason, 500)
  const refused = countRefused(facts.refused)
  const tried = refused === 0 ? [] : [`${refused} refused`]
  switch (run.status) {
    case 'queued':
      return { mark: '…', parts: ['waiting for a worker'] }
    case 'running':
      return { mark: '…', parts: [runningWords(facts), ...tried] }
    case 'succeeded':
      return succeeded([...resultWords(facts), ...tried], outcomeOf(facts, options))
    case 'failed': {
      const failed = failedStep(steps)
      const output = failed === undefined ? {} : { next: options.command(`output ${shortId(run.id)} ${failed.step}`) }
      return { mark: '✗', parts: [why.startsWith('step ') ? why : named('failed', why), ...tried], ...output }
    }
    case 'cancelled':
      return { mark: '✗', parts: [why.startsWith('cancelled') ? why : named('cancelled', why), ...at(steps), ...tried] }
    case 'error':
      return { mark: '✗', parts: [named('ended by an error of the platform', why), ...tried] }
    case 'interrupted':
    case 'refused':
    case 'invalid':
      return { mark: '✗', parts: [named(run.status, why), ...tried] }
  }
}

/** What came of a run, and the command that comes next. */
interface Outcome {
  words: string
  next?: string
}

function succeeded(parts: readonly string[], outcome: Outcome | null): Verdict {
  if (outcome === null) return { mark: '✓', parts: [...parts] }
  const { words, ...next } = outcome
  return { mark: '✓', parts: [...parts, words], ...next }
}

function named(status: string, why: string): string {
  return why === '' ? status : `${status}: ${why}`
}

function at(steps: readonly StepResult[]): string[] {
  const step = steps.find(({ outcome }) => outcome === 'cancelled')
  return step === undefined ? [] : [`during step \`${formatText(step.name, 100)}\``]
}

function runningWords({ stepCount, current, steps }: Facts): string {
  if (current === null) return steps.length === 0 ? 'starting' : 'running'
  const of = stepCount !== null && current.step < stepCount ? ` (${current.step + 1} of ${stepCount})` : ''
  return `running step \`${formatText(current.name, 100)}\`${of}`
}

function resultWords({ run, advisories, change, steps }: Facts): string[] {
  const words = advisories === null ? [] : advisoryWords(advisories)
  if (change !== null) words.push(...checkWords(change))
  // A single command has no check besides its own exit code.
  const command = run.taskSource === 'ad-hoc' ? steps.find(({ name }) => name === 'command') : undefined
  if (command !== undefined && command.code !== null) words.push(`exit ${command.code}`)
  return words.length === 0 ? ['succeeded'] : words
}

function advisoryWords({ examined, before, after }: AdvisoryReport): string[] {
  if (!examined.before && !examined.after) return ['advisories not examined']
  const [from, to] = [advisoryCount(before), advisoryCount(after)]
  if (!examined.after) return [`${countOf(from, 'advisory', 'advisories')} before, not examined after`]
  if (!examined.before) return [`${countOf(to, 'advisory', 'advisories')} after, not examined before`]
  return from === 0 && to === 0 ? ['no known advisory'] : [`${countOf(from, 'advisory', 'advisories')} → ${to}`]
}

/** The checks of the task: a step called `tests` that must succeed is what people ask for first. */
function checkWords({ change: { checks } }: ChangeDetail): string[] {
  const failed = checks.filter(({ passed }) => !passed)
  if (failed.length > 0) return [`checks failed: ${failed.map(({ name }) => formatText(name, 60)).join(', ')}`]
  return checks.some(({ name }) => name === 'tests') ? ['tests pass'] : []
}

function outcomeOf({ run, change, artifacts }: Facts, { command, obstacle }: VerdictOptions): Outcome | null {
  if (change !== null) return changeOutcome(change, command, obstacle)
  if (run.mode !== 'read-only') return { words: 'nothing to propose' }
  const [first, ...more] = artifacts.filter(({ name }) => !name.startsWith('glovebox-'))
  if (first === undefined) return null
  const name = more.length === 0 ? ` ${formatText(first.name, 100)}` : ''
  return { words: 'read the result:', next: command(`artifact ${shortId(run.id)}${name}`) }
}

function changeOutcome({ change, gate }: ChangeDetail, suggest: SuggestCommand, obstacle: string | null): Outcome {
  const command = (verb: string) => suggest(`change ${verb} ${shortId(change.id)}`)
  switch (change.status) {
    case 'open':
      if (gate.some(({ name, met }) => !met && name !== 'approved'))
        return { words: 'its gate is closed:', next: command('show') }
      return {
        words: obstacle === null ? 'waiting for approval:' : 'waiting for the approval of another person:',
        next: suggest(approveWords(change)),
      }
    case 'approved':
      return gateIsOpen(gate)
        ? { words: 'approved:', next: command('merge') }
        : { words: 'approved, but its gate is closed:', next: command('show') }
    case 'rejected':
      return { words: 'change rejected' }
    case 'merging':
      return { words: 'change being merged' }
    case 'merged':
      return { words: `change merged${change.mergeCommit === null ? '' : ` as ${change.mergeCommit.slice(0, 12)}`}` }
  }
}
