// Relays a streamed answer to the sandbox. Each chunk is filtered for secrets, stored, parsed and passed on at once. The
// final event is held back until the end of the call is recorded, so that an answer which the client sees as complete is
// always on the record (invariant 3).
import { once } from 'node:events'
import { PassThrough, pipeline, type Readable } from 'node:stream'
import type { Digest } from '../../../domain/events/fields.ts'
import type { BlobStore } from '../../../store/types.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { AnswerFacts } from './answer-facts.ts'
import { keepBody, type KeptBody } from './kept-body.ts'
import type { SecretFilter } from './secret-filter.ts'

export interface StreamEnd {
  /** The reason why the stream did not reach its end; null: it did. */
  broken: string | null
  response: Digest | null
  chunks: Digest | null
  firstByteAt: number | null
}

export interface RelayParts {
  blobs: BlobStore
  filter: SecretFilter
  facts: AnswerFacts
  /** Parses the bytes that pass. */
  read: (bytes: Buffer) => void
  readEnd: () => void
  maxBytes: number
  /** Aborts if the client goes away or the run ends. */
  signal: AbortSignal
  /** Records the end of the call. The held-back bytes are passed on after it resolves. */
  onEnd: (end: StreamEnd) => Promise<void>
}

/** Limit in bytes on held-back data, if a stream goes on after its final event. */
const MAX_HELD = 1024 ** 2

/** `done` resolves when all work is finished; it never rejects. */
export function relayStream(source: Readable, parts: RelayParts): { body: Readable; done: Promise<void> } {
  // Object mode keeps the chunks separate, so that the client gets them as the provider sent them.
  const body = new PassThrough({ objectMode: true, highWaterMark: 16 })
  // Ignore errors of a client that is gone.
  body.on('error', () => {})
  const done = relay(source, body, parts).catch((error: unknown) => {
    body.destroy(error instanceof Error ? error : new Error('the stream could not be recorded'))
  })
  return { body, done }
}

async function relay(source: Readable, body: PassThrough, parts: RelayParts): Promise<void> {
  const kept = keepBody(parts.blobs)
  const state = { held: [] as Buffer[], heldBytes: 0, lengths: [] as number[], firstByteAt: null as number | null }
  let broken: string | null = null
  try {
    await pass(source, body, parts, kept, state)
  } catch (error) {
    broken = brokenBecause(error, parts.signal)
  }
  const end = await finish(kept, state.lengths, parts.blobs)
  await parts.onEnd({ broken, ...end, firstByteAt: state.firstByteAt })
  for (const chunk of state.held) body.write(chunk)
  if (broken === null) body.end()
  else body.destroy(new GatewayError('bad-upstream', 'The answer broke off.'))
}

interface State {
  held: Buffer[]
  heldBytes: number
  lengths: number[]
  firstByteAt: number | null
}

async function pass(
  source: Readable,
  body: PassThrough,
  parts: RelayParts,
  kept: KeptBody,
  state: State,
): Promise<void> {
  let bytes = 0
  for await (const chunk of chunksOf(source, parts.signal)) {
    state.firstByteAt ??= performance.now()
    state.lengths.push(chunk.byteLength)
    bytes += chunk.byteLength
    if (bytes > parts.maxBytes)
      throw new GatewayError('bad-upstream', `The answer is longer than ${parts.maxBytes} bytes.`)
    await forward(parts.filter.push(chunk), body, parts, kept, state)
  }
  await forward(parts.filter.end(), body, parts, kept, state)
  parts.readEnd()
}

async function forward(
  bytes: Buffer,
  body: PassThrough,
  { read, facts, signal }: RelayParts,
  kept: KeptBody,
  state: State,
): Promise<void> {
  if (bytes.length === 0) return
  const room = kept.add(bytes)
  if (room !== undefined) await room
  read(bytes)
  if (!facts.ended) return write(body, bytes, signal)
  state.held.push(bytes)
  state.heldBytes += bytes.length
  while (state.heldBytes > MAX_HELD && state.held.length > 1) {
    const oldest = state.held.shift() as Buffer
    state.heldBytes -= oldest.length
    await write(body, oldest, signal)
  }
}

async function write(body: PassThrough, bytes: Buffer, signal: AbortSignal): Promise<void> {
  if (!body.write(bytes)) await once(body, 'drain', { signal })
}

/** Yields the chunks as they arrived; a plain `for await` over a byte stream would merge waiting chunks. */
function chunksOf(source: Readable, signal: AbortSignal): AsyncIterable<Buffer> {
  const single = new PassThrough({ objectMode: true, highWaterMark: 16, signal })
  // The iteration throws the errors of the pipeline.
  pipeline(source, single, () => {})
  return single
}

function brokenBecause(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the client went away'
  if (error instanceof GatewayError) return error.message
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'the provider fell silent'
  return 'the answer broke off'
}

async function finish(
  kept: KeptBody,
  lengths: readonly number[],
  blobs: BlobStore,
): Promise<Omit<StreamEnd, 'broken' | 'firstByteAt'>> {
  const [response, chunks] = await Promise.all([
    kept.finish(),
    lengths.length === 0 ? null : blobs.put(Buffer.from(JSON.stringify(lengths))),
  ])
  return { response, chunks: chunks?.digest ?? null }
}
