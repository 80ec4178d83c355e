// Use case: another attempt at a change. A new run of the same task starts with the files of the current commit and gets the
// review comments; its end moves the change to its commit (src/runner/stages/revise.ts).
import type { Answer, Call } from '../../contract/call.ts'
import { type Change, changeCan } from '../../domain/change.ts'
import type { Digest } from '../../domain/events/fields.ts'
import { type ReviewComment, reviewText } from '../../domain/review.ts'
import { FINISHED, type Run } from '../../domain/run.ts'
import { recordedPlan, recordedTask } from '../../runner/plan/recorded-plan.ts'
import type { Transaction } from '../../store/types.ts'
import { type QueueParts, queueRun } from '../runs/queue-run.ts'
import { removedContents } from '../retention/removed-contents.ts'
import { refusePlaces, requestOf } from '../runs/rerun-run.ts'
import { ServiceError } from '../types.ts'
import { authorisedChange } from './find-change.ts'

/** A change that needs more attempts needs a person who writes it. */
const MAX_ATTEMPTS = 50

/** The caller needs `change.read` of the change and `run.start` on its repository, and is a requester of the change from then on. */
export async function retryChange(parts: QueueParts, call: Call<'retryChange'>): Promise<Answer<'retryChange'>> {
  const { caller, params } = call
  const { change } = await authorisedChange(parts, { endpoint: 'getChange', caller, params })
  const { id, commit, attempts } = change
  const latest = await latestRun(parts, change)
  const { pack, plan } = recorded(change, latest)
  if ((await parts.store.blobs.open(pack)) === null) await refuseMissing(parts, change)
  const request = await requestOf(parts, latest)
  refusePlaces(parts, call, request)
  const earlier = await recordedPlan(parts.store, plan)
  const comments = commentsOf(call, change)
  const review = (await parts.store.blobs.put(new TextEncoder().encode(reviewText(comments)))).digest
  const number = attempts.length + 1
  return queueRun(
    parts,
    call,
    {
      ...request,
      mode: earlier.mode,
      sandbox: earlier.sandbox,
      agent: earlier.agent ?? request.agent,
      trigger: 'manual',
      idempotencyKey: null,
      repeats: null,
      attempt: { change: id, number, start: commit, pack, plan, review },
    },
    {
      task: await recordedTask(parts, earlier),
      async insert(tx, run) {
        await refuseUnlessAsRead(tx, change)
        const { requester, createdAt } = run
        const attempt = { change: id, number, run: run.id, requester, start: commit, review, commit: null, createdAt }
        await tx.attempts.insert(attempt)
      },
    },
  )
}

async function latestRun({ store }: QueueParts, { id, run }: Change): Promise<Run> {
  const latest = await store.runs.get(run)
  if (latest === null) throw new ServiceError('wrong-state', `run ${run} of change ${id} is not in the store`)
  return latest
}

/** Versions that kept neither the commits nor the plan left nothing to start from. */
function recorded({ id, pack }: Change, { plan }: Run): { pack: Digest; plan: Digest } {
  if (pack !== null && plan !== null) return { pack, plan }
  throw new ServiceError('wrong-state', `change ${id} was made by an older version, which did not record enough`, {
    cure: 'run its task again',
  })
}

async function refuseMissing(parts: QueueParts, { id, run }: Change): Promise<never> {
  const what = `the commit of change ${id}`
  throw (
    (await removedContents(parts, run, what)) ?? new ServiceError('wrong-state', `${what} is missing from the store`)
  )
}

/** The reasons of rejections of the current commit, oldest first, then the comment of the caller. */
function commentsOf({ caller, body }: Call<'retryChange'>, { id, commit, decisions }: Change): ReviewComment[] {
  const rejections = decisions
    .filter((made) => made.decision === 'rejected' && made.commit === commit)
    .map(({ actor, reason }) => ({ by: actor.id, kind: 'rejection' as const, text: reason ?? '' }))
  const comment = { by: caller.actor.id, kind: 'comment' as const, text: body.comment ?? '' }
  const comments = [...rejections, comment].filter(({ text }) => text.trim() !== '')
  if (comments.length > 0) return comments
  throw new ServiceError('bad-input', `there is no review comment for another attempt at change ${id}`, {
    cure: 'give one with `--comment`, or reject the change with a reason',
  })
}

/** Locks the change until the transaction ends. */
async function refuseUnlessAsRead(tx: Transaction, { id, commit, attempts }: Change): Promise<void> {
  const current = await tx.changes.update(id, {})
  if (!changeCan('retry', current.status))
    throw new ServiceError('wrong-state', `change ${id} is ${current.status}, so there can't be another attempt`)
  if (current.commit !== commit || current.attempts.length !== attempts.length)
    throw new ServiceError('wrong-state', `there is another attempt at change ${id} since; look at it first`, {
      cure: `see \`glovebox change show ${id}\``,
    })
  if (attempts.length >= MAX_ATTEMPTS)
    throw new ServiceError('wrong-state', `change ${id} has had ${attempts.length} attempts, the most that it may have`)
  for (const attempt of attempts) {
    const run = await tx.runs.get(attempt.run)
    if (run !== null && FINISHED.includes(run.status)) continue
    throw new ServiceError(
      'wrong-state',
      `attempt ${attempt.number} at change ${id} has not ended: run ${attempt.run}`,
      {
        cure: `wait for it, or end it with \`glovebox runs cancel ${attempt.run}\``,
      },
    )
  }
}
