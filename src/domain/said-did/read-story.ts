// Short texts of a comparison's result, for tests.
import { NO_HABITS } from './habits.ts'
import { pathKey } from './match-path.ts'
import { saidDid } from './said-did.ts'
import type { Story } from './story.ts'
import type { Attribution, SaidDidStep } from './types.ts'

export const OPTIONS = { folder: '/workspace/repo', work: ['/workspace', '/tmp/artifacts'] }
export const REPO = '/workspace/repo'

export function look(told: Story, habits = NO_HABITS): SaidDidStep {
  const [step, ...more] = saidDid(told.end().events, { ...OPTIONS, habitsOf: () => habits }).steps
  if (!step || more.length > 0) throw new Error('there is one agent step')
  return step
}

/** `call 0 command`, `unannounced none`, `tie 0 1 windows`, `tie 0 or none opening`. */
function words({ class: where, calls, orNone, early, rule }: Attribution): string {
  return [where, ...calls, ...(orNone ? ['or none'] : []), ...(early ? ['early'] : []), rule].join(' ')
}

export function processes(step: SaidDidStep): Record<string, string> {
  return Object.fromEntries(step.processes.map((row) => [`${row.pid} ${row.argv.join(' ')}`, words(row.by)]))
}

export function files(step: SaidDidStep): Record<string, string> {
  return Object.fromEntries(
    step.files.flatMap((row) =>
      row.accesses.map(({ kind, path }) => [`${row.pid} ${kind} ${pathKey(path)}`, words(row.by)]),
    ),
  )
}

export const requests = (step: SaidDidStep) => step.requests.map((row) => `${row.what}: ${words(row.by)}`)
export const verdicts = (step: SaidDidStep) => step.calls.map(({ verdict }) => verdict)
