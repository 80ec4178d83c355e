// glovebox review
import type { Command } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import { ProblemError } from '../../../contract/problem-error.ts'
import type { ChangeDetail } from '../../../contract/resources.ts'
import { type Change, changeCan } from '../../../domain/change.ts'
import { printable } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { approvalObstacle } from '../../print/approval.ts'
import { backgroundLines, standingLines } from '../../print/print-change-detail.ts'
import { saidDidLines } from '../../print/print-said-did.ts'
import { readStepRefusals } from '../../print/said-did-overview.ts'
import { type Keyboard, openKeyboard } from '../../session/keyboard.ts'
import { type PagerOptions, withPager } from '../../session/pager.ts'
import { type Session, withSession } from '../../session/session.ts'
import { writeLine } from '../../text/write.ts'
import { writeDiff } from './change-diff.ts'

/** Rows of each kind in the comparison of what the agents said and did; `trace --said-did` has all. */
const SAID_DID_ROWS = 10

type Answer = 'next' | 'quit' | 'interrupted'

export function registerReview(registry: Registry, command: Command): void {
  addAction<[string | undefined], PagerOptions>(registry, command, ([reference], options) =>
    withSession(registry.environment, options, (session) => review(session, options, reference)),
  ).option('--no-pager', 'print to the terminal itself, without a pager')
}

async function review(session: Session, options: PagerOptions, reference: string | undefined): Promise<number> {
  const { client, json, print, folder } = session
  const changes =
    reference === undefined
      ? await waiting(session)
      : [(await client.getChange({ params: { change: reference } })).change]
  if (json) {
    await print(changes, () => '')
    return EXIT.done
  }
  if (changes.length === 0) {
    await print(changes, () => 'No change waits for a decision.\n')
    return EXIT.done
  }
  using keyboard = openKeyboard(session.environment)
  for (const [index, { id }] of changes.entries()) {
    const detail = await client.getChange({ params: { change: id } })
    await show(session, options, detail, changes.length > 1 ? `Change ${index + 1} of ${changes.length}` : null)
    if (session.environment.interrupted.aborted) return EXIT.interrupted
    const answer = keyboard === null ? 'next' : await decide(session, detail, keyboard)
    if (answer === 'interrupted') return EXIT.interrupted
    if (answer === 'quit') break
  }
  if (keyboard !== null) return EXIT.done
  throw new UsageError(
    `Nothing was decided, because this is not a terminal; use \`${folder.command('change approve ID')}\` or \`${folder.command('change reject ID')}\``,
  )
}

/** Changes without a decision, oldest first. */
async function waiting({ client }: Session): Promise<Change[]> {
  const open: Change[] = []
  for (let cursor: string | undefined; ;) {
    const page = await client.listChanges({ query: { limit: 100, ...(cursor === undefined ? {} : { cursor }) } })
    open.push(...page.changes.filter(({ status }) => status === 'open'))
    if (page.next === null) return open.toReversed()
    cursor = page.next
  }
}

/** Everything long goes through the pager first, so that the gate and the question share the last screen. */
async function show(
  session: Session,
  options: PagerOptions,
  detail: ChangeDetail,
  heading: string | null,
): Promise<void> {
  const { style, environment } = session
  await withPager(environment, options, async (paged) => {
    if (heading !== null) await writeLine(paged.stdout, style.bold(heading))
    await showBackground({ ...session, environment: paged }, detail)
    return EXIT.done
  })
  await writeLine(environment.stdout, ['', ...standingLines(detail, session), ''].join('\n'))
}

async function showBackground(session: Session, detail: ChangeDetail): Promise<void> {
  const { client, environment, style, columns } = session
  const { run, id } = detail.change
  await writeDiff(session, (await client.readDiff({ params: { change: id } })).bytes)
  const compared = await client.readSaidDid({ params: { run }, query: { limit: SAID_DID_ROWS } })
  const said =
    compared.steps.length === 0
      ? []
      : ['', ...saidDidLines(compared, await readStepRefusals(client, run), style, columns)]
  const lines = [...said, ...backgroundLines(detail, session)]
  if (lines.length > 0) await writeLine(environment.stdout, lines.join('\n'))
}

/** Decides on the commit that was shown, and on no other. */
async function decide(session: Session, detail: ChangeDetail, keyboard: Keyboard): Promise<Answer> {
  const { client, note } = session
  const { id, commit, status } = detail.change
  if (!changeCan('reject', status)) {
    note(`Change ${id} is ${status}; there is nothing to decide.`)
    return 'next'
  }
  const obstacle = await approvalObstacle(session, detail)
  if (obstacle !== null) note(printable(obstacle))
  const question = obstacle === null ? 'skip, approve, reject or quit?' : 'skip, reject or quit?'
  const key = await keyboard.key(question, obstacle === null ? ['s', 'a', 'r', 'q'] : ['s', 'r', 'q'])
  if (key === null) return 'interrupted'
  if (key === 'q') return 'quit'
  if (key === 's') return 'next'
  const reason = await keyboard.line('Reason (Enter for none):')
  if (reason === null) return 'interrupted'
  const call = { params: { change: id }, body: { reason: reason.trim() === '' ? null : reason.trim(), commit } }
  try {
    const { change } = await (key === 'a' ? client.approveChange(call) : client.rejectChange(call))
    note(`Change ${id} is ${change.status}.`)
  } catch (error) {
    // Another person may have decided meanwhile, or a policy denies it; the other changes still wait.
    if (!(error instanceof ProblemError)) throw error
    note(printable([error.message, error.cure].filter((text) => text !== undefined).join('; ')))
  }
  return 'next'
}
