// Handler of POST git-receive-pack. Parses the commands, screens them, receives the pack outside the repository,
// examines it, asks the policies, prepares the ref update and records it. Only then it moves the ref and answers.
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
 * index-pack's messages about a link to an object that exists nowhere or has another type. The client must see the same
 * message as for an object that only the mirror has. Otherwise someone who guesses the content of a hidden file could
 * test by its id whether it exists.
 */
const UNSENT = /did not receive expected object|object [0-9a-f]+(: expected type| is a \w+, not a )/
const NOT_RECORDED = 'refused: it could not be recorded'

/** Result of a push. */
interface Verdict {
  /** `ok`, or why the pack was refused. */
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
      requestEvent(request, { status: 200, note: 'an empty push, with which git tests the connection', decision }),
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
      refusals: ['the pack was refused'],
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

/** Locks the ref, writes the record, then moves the ref. A failure leaves the ref unchanged. */
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
    // The record says that the push was accepted, so a second event corrects it. The objects stay, in case the ref did
    // move.
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

/** Records the verdict. A refusal that can't be recorded stays a refusal. */
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
  if (run.mode !== 'write') return 'this run is read-only and may not push'
  return `this run may push only ${allowedRef(run)}, and may only create or fast-forward it`
}

function packFault(error: unknown): string {
  if (!isGitError(error)) return 'the pack could not be read'
  return error.code === 'too-large' || error.code === 'timeout'
    ? error.message
    : (error.stderr.match(/^(?:fatal|error): (object [0-9a-f]+: [A-Za-z]+|.{1,160})/m)?.[1] ?? error.message)
}
