// Answers to npm's advisory queries, from the operator's source.
import { gunzipSync } from 'node:zlib'
import { bulkAnswer, parseBulkQuestion } from '../../../advisories/bulk-answer.ts'
import { packagesOf } from '../../../domain/advisory.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { GatewayRequest, GatewayResponse } from '../../types.ts'
import { credentialEvents } from './credential-events.ts'
import { registryPlace } from './place.ts'
import { BULK_PATH } from './upstream.ts'
import { keepBody, recordVisit, type Visit } from './visit.ts'

const MAX_QUESTION_BYTES = 4 * 1024 ** 2
const HEADERS = { 'content-type': 'application/json' }

/** Notes the query in `visit`, which keeps it even when this rejects. */
export async function answerAdvisories(visit: Visit): Promise<GatewayResponse> {
  const { parts, request } = visit
  const { registries } = parts.registry
  const question = await readQuestion(request)
  visit.asked = await keepBody(visit, once(question))
  const asked = packagesOf('npm', parseBulkQuestion(question.toString('utf8')))
  const [registry] = registries
  if (parts.advisories.kind === 'upstream' && registry !== undefined)
    visit.credentials.push(...credentialEvents(parts, registryPlace(new URL(BULK_PATH, registry), registries)))
  const body = Buffer.from(JSON.stringify(bulkAnswer(await parts.advisories.query(asked))))
  const [kept, headers] = await Promise.all([keepBody(visit, once(body)), parts.headers.keep(Object.entries(HEADERS))])
  await recordVisit(visit, 200, { body: kept, headers })
  return { status: 200, headers: HEADERS, body }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Reads the query, which npm compresses. Its size is bounded before and after decompression. */
async function readQuestion(request: GatewayRequest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_QUESTION_BYTES) throw new GatewayError('too-large', 'The advisory query is too long.')
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') throw new GatewayError('bad-request', 'The only supported Content-Encoding is gzip.')
  try {
    return gunzipSync(body, { maxOutputLength: MAX_QUESTION_BYTES })
  } catch (error) {
    throw new GatewayError('bad-request', 'The body is not gzip, or it is too long.', { cause: error })
  }
}
