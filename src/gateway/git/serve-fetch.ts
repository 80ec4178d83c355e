// Handler of POST git-upload-pack. git's protocol v2 sends any object whose id the client names, and the quarantine
// borrows all objects of the mirror. So wanted commits must be reachable from refs that the run may see. Haves and
// shallow commits that are not reachable are not passed to git.
import { GitError } from '../../git/git-error.ts'
import { visibleRefs } from '../../git/quarantine.ts'
import { reachableCommits } from '../../git/reachability.ts'
import type { GatewayRequest, GatewayResponse } from '../types.ts'
import { errorLine, resultAnswer } from './answers.ts'
import { readBody } from './body-reader.ts'
import type { FetchRequest } from './fetch-request.ts'
import { readFetchRequest } from './fetch-request.ts'
import type { ServiceParts } from './service-parts.ts'
import { decideFetch, denialText, recordEvents, requestEvent } from './service-parts.ts'

const MAX_REQUEST_BYTES = 16 * 1024 * 1024
const TRANSFER_TIMEOUT_MS = 30 * 60_000

export async function serveFetch(
  parts: ServiceParts,
  request: GatewayRequest,
  version: 0 | 2,
): Promise<GatewayResponse> {
  const body = readBody(request.body, {
    encoding: request.headers.get('content-encoding'),
    maxBytes: MAX_REQUEST_BYTES,
  })
  const asked = await readFetchRequest(body, { version, format: parts.format })
  const decision = await decideFetch(parts, asked?.command ?? 'ls-refs')
  if (asked === null) {
    await recordEvents(parts, [requestEvent(request, { status: 200, note: 'an empty request', decision })])
    return resultAnswer('git-upload-pack', Buffer.alloc(0))
  }
  const tips = [...(await visibleRefs(parts.git, parts.quarantine)).values()]
  const unreadable = decision.allowed ? await unreadableWant(parts, asked, tips) : null
  const refusal = !decision.allowed ? denialText(decision) : unreadable === null ? null : `not our ref ${unreadable}`
  const final = { ...decision, allowed: refusal === null }
  await recordEvents(parts, [
    {
      kind: 'git.fetched',
      body: { repository: parts.repository, command: asked.command, wants: [...asked.wants], decision: final },
    },
    ...(refusal === null ? [] : [requestEvent(request, { status: 200, note: refusal, decision: final })]),
  ])
  if (refusal !== null) return resultAnswer('git-upload-pack', errorLine(refusal))
  const claimed = [...asked.haves, ...asked.shallows]
  const mayKnow = await reachableCommits(parts.git, parts.quarantine, claimed, tips).catch(noneOf)
  return resultAnswer('git-upload-pack', uploadPack(parts, asked.encode(mayKnow), version, request.signal))
}

async function unreadableWant(
  parts: ServiceParts,
  asked: FetchRequest,
  tips: readonly string[],
): Promise<string | null> {
  const readable = await reachableCommits(parts.git, parts.quarantine, asked.wants, tips)
  return asked.wants.find((id) => !readable.has(id)) ?? null
}

/**
 * Assumes no common commits after a git error. That costs bytes; assuming too many would reveal what the mirror holds.
 */
function noneOf(error: unknown): ReadonlySet<string> {
  if (error instanceof GitError) return new Set()
  throw error
}

function uploadPack({ git, quarantine }: ServiceParts, input: Buffer, version: 0 | 2, signal: AbortSignal) {
  const child = git.start({
    argv: ['upload-pack', '--strict', '--stateless-rpc', quarantine],
    env: version === 2 ? { GIT_PROTOCOL: 'version=2' } : {},
    signal,
    timeoutMs: TRANSFER_TIMEOUT_MS,
  })
  child.stdin.end(input)
  child.ended.catch((error: unknown) =>
    child.stdout.destroy(error instanceof Error ? error : new Error('git was stopped')),
  )
  // Stops git when the client has closed its connection.
  child.stdout.on('close', () => child.stop('aborted'))
  return child.stdout
}
