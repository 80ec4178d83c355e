// POST git-receive-pack: parse the commands, screen them, take the pack apart from the repository, look at it, ask the
// policies, prepare the ref, record, and only then let it move and answer.
import type { DecisionSummary } from '../../domain/events/fields.ts'
import { isGitError } from '../../git/git-error.ts'
import type { IncomingPack } from '../../git/incoming-pack.ts'
import { NOT_SENT, receivePack } from '../../git/incoming-pack.ts'
import { visibleRefs } from '../../git/quarantine.ts'
import type { PreparedRefUpdate } from '../../git/ref-transaction.ts'
import { prepareRefUpdate } from '../../git/ref-transaction.ts'
import type { GatewayRequest, GatewayResponse } from '../types.ts'
import { resultAnswer } from './answers.ts'
import type { BodyReader } from './body-reader.ts'
import { readBody } from './body-reader.ts'
import { examineCommits } from './examine-commits.ts'
import { allowedRef, screenCommands } from './push-rules.ts'
import type { ReceiveRequest, RefCommand } from './receive-request.ts'
import { readReceiveRequest } from './receive-request.ts'
import { reportStatus } from './report-status.ts'
import type { ServiceParts } from './service-parts.ts'
import { decideFetch, denialText, recordEvents, requestEvent } from './service-parts.ts'

const MAX_COMMAND_BYTES = 1024 * 1024
/**
 * index-pack's words for a link to an object that is nowhere, or is of another type. They must not differ from those for
 * one that only the mirror has: whoever can guess a hidden file's content could learn by its id that it is there.
 */
const UNSENT = /did not receive expected object|object [0-9a-f]+(: expected type| is a \w+, not a )/
const NOT_RECORDED = 'refused: it could not be recorded'

/** What became of a push. */
interface Verdict {
  /** `ok`, or why the pack was not taken. */
  unpack: string
  /** For each command: null when its ref moved. */
  refusals: readonly (string | null)[]
  decision: DecisionSummary
  packBytes: number
}

export async function servePush(parts: ServiceParts, request: GatewayRequest): Promise<GatewayResponse> {
  const maxBytes = parts.limits.packBytes + MAX_COMMAND_BYTES
  const body = readBody(request.body, { encoding: request.headers.get('content-encoding'), maxBytes })
  const asked = await readReceiveRequest(body, parts.format)
  if (asked === null) {
    const decision = await decideFetch(parts, 'ls-refs')
    await recordEvents(parts, [
      requestEvent(request, { status: 200, note: 'an empty push, with which git tries the connection', decision }),
    ])
    return resultAnswer('git-receive-pack', Buffer.alloc(0))
  }
  const verdict = await parts.git.exclusive(parts.quarantine, () => judge(parts, asked, body, request.signal))
  await body.drain()
  return answer(parts, asked, verdict)
}

async function judge(
  parts: ServiceParts,
  asked: ReceiveRequest,
  body: BodyReader,
  signal: AbortSignal,
): Promise<Verdict> {
  const refs = await visibleRefs(parts.git, parts.quarantine)
  const refusals = screenCommands({ request: asked, run: parts.context.run, refs })
  const [only, ...others] = asked.commands
  if (refusals.some((reason) => reason !== null) || only === undefined || others.length > 0) {
    const decision = await decidePush(
      parts,
      asked.commands.map((command) => ({ command, forced: false })),
    )
    return recorded(parts, asked, { unpack: 'ok', refusals, decision, packBytes: 0 })
  }
  const tips = [...new Set([...refs.values(), parts.baseCommit])]
  let pack: IncomingPack
  try {
    pack = await receivePack(parts.git, {
      repository: parts.quarantine,
      format: parts.format,
      pack: body.rest(),
      tips,
      limits: parts.limits,
      signal,
    })
  } catch (error) {
    const decision = await decidePush(parts, [{ command: only, forced: false }])
    if (isGitError(error) && UNSENT.test(error.stderr))
      return recorded(parts, asked, { unpack: 'ok', refusals: [NOT_SENT], decision, packBytes: 0 })
    return recorded(parts, asked, {
      unpack: packFault(error),
      refusals: ['the pack was not taken'],
      decision,
      packBytes: 0,
    })
  }
  try {
    return await judgeCommits(parts, asked, only, pack, tips)
  } finally {
    await pack.discard()
  }
}

async function judgeCommits(
  parts: ServiceParts,
  asked: ReceiveRequest,
  command: RefCommand,
  pack: IncomingPack,
  tips: readonly string[],
): Promise<Verdict> {
  const { fault, forced } = await examineCommits(parts, command, pack, tips)
  const decision = await decidePush(parts, [{ command, forced }])
  const refusal = fault ?? (decision.allowed ? null : denialText(decision))
  const verdict = { unpack: 'ok', refusals: [refusal], decision, packBytes: pack.bytes }
  if (refusal !== null) return recorded(parts, asked, verdict)
  return moveRef(parts, asked, command, pack, verdict)
}

/** The ref is locked, then the record is written, then the ref moves. Whatever fails leaves nothing behind. */
async function moveRef(
  parts: ServiceParts,
  asked: ReceiveRequest,
  command: RefCommand,
  pack: IncomingPack,
  verdict: Verdict,
): Promise<Verdict> {
  const takeOut = await pack.keep()
  let prepared: PreparedRefUpdate | null = null
  try {
    prepared = await prepareRefUpdate(parts.git, parts.quarantine, command)
    await record(parts, asked, verdict)
  } catch (error) {
    await prepared?.abort()
    await takeOut()
    const locked = prepared === null && isGitError(error)
    if (!locked) return { ...verdict, refusals: [NOT_RECORDED] }
    return recorded(parts, asked, { ...verdict, refusals: ['the ref could not be updated'] })
  }
  try {
    await prepared.commit()
    return verdict
  } catch {
    // The record says that it was taken: correct it. The objects stay, in case the ref did move.
    return recorded(parts, asked, { ...verdict, refusals: ['the ref could not be updated'] })
  }
}

async function decidePush(
  { context, repository }: ServiceParts,
  asked: readonly { command: RefCommand; forced: boolean }[],
): Promise<DecisionSummary> {
  const reasons = new Set<string>()
  let allowed = true
  for (const { command, forced } of asked) {
    const decision = await context.authorise({
      action: 'git.push',
      resource: { type: 'Ref', id: command.ref, attributes: { name: command.ref, repository } },
      context: {
        mode: context.run.mode,
        ref: command.ref,
        allowedRef: allowedRef(context.run),
        kind: command.kind,
        forced,
        repository,
      },
    })
    allowed &&= decision.allowed
    for (const reason of decision.reasons) reasons.add(reason)
  }
  return { allowed, reasons: [...reasons] }
}

async function record(
  parts: ServiceParts,
  asked: ReceiveRequest,
  { refusals, decision, packBytes, unpack }: Verdict,
): Promise<void> {
  const updates = asked.commands.map(({ ref, old, new: next }, index) => {
    const reason = refusals[index]
    const result = reason === null ? 'ok' : unpack === 'ok' ? (reason ?? 'refused') : unpack
    return { ref, old, new: next, result: result.slice(0, 300) }
  })
  const accepted = refusals.every((reason) => reason === null)
  await recordEvents(parts, [
    { kind: 'git.pushed', body: { repository: parts.repository, accepted, updates, packBytes, decision } },
  ])
}

/** A refusal that cannot be recorded is still a refusal. */
async function recorded(parts: ServiceParts, asked: ReceiveRequest, verdict: Verdict): Promise<Verdict> {
  try {
    await record(parts, asked, verdict)
    return verdict
  } catch {
    return { ...verdict, refusals: asked.commands.map(() => NOT_RECORDED) }
  }
}

function answer(parts: ServiceParts, asked: ReceiveRequest, { unpack, refusals }: Verdict): GatewayResponse {
  const results = asked.commands.map(({ ref }, index) => ({
    ref,
    refused: refusals[index] === undefined ? 'refused' : refusals[index],
  }))
  const refused = results.some((result) => result.refused !== null)
  const messages = refused ? [`glovebox: ${hint(parts)}`] : []
  return resultAnswer('git-receive-pack', reportStatus({ unpack, results, sideBand: asked.sideBand, messages }))
}

function hint({ context: { run } }: ServiceParts): string {
  if (run.mode !== 'write') return 'this run is read-only: nothing can be pushed'
  return `this run may push commits to ${allowedRef(run)}, which it may create and fast-forward`
}

function packFault(error: unknown): string {
  if (!isGitError(error)) return 'the pack could not be read'
  return error.code === 'too-large' || error.code === 'timeout'
    ? error.message
    : (error.stderr.match(/^(?:fatal|error): (object [0-9a-f]+: [A-Za-z]+|.{1,160})/m)?.[1] ?? error.message)
}
