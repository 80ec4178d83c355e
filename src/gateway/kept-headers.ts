// Store of request and answer headers as blobs beside the bodies, so that a replay can answer with them. Leaves out
// headers that may be credentials, by their name or because they contain a configured secret.
import type { Secret } from '../credentials/types.ts'
import type { Digest } from '../domain/events/fields.ts'
import type { BlobStore } from '../store/types.ts'
import { createSecretFilter, needlesOf } from './model/answer/secret-filter.ts'

/** Content of the blob, as JSON. Names are in lower case. */
export interface KeptHeaders {
  /** In the order of arrival. */
  headers: [name: string, value: string][]
  /** Names of the headers that were left out. */
  removed: string[]
}

export interface HeaderKeeper {
  /** Resolves with the blob's digest when it is durable; undefined if there are no headers. */
  keep(headers: Iterable<readonly [string, string]>): Promise<Digest | undefined>
}

const SECRET_NAME =
  /^(set-cookie2?|cookie2?)$|(^|[-_])(authori[sz]ation|authentication|auth|token|secret|password|passwd|api-?key|signature|credentials?|session(-?id)?)([-_]|$)/
/** Headers that may carry a signed URL; everything after its path is left out. */
const PLACES = new Set(['location', 'content-location', 'refresh', 'link'])
const MAX_BYTES = 64 * 1024
/** Number of remembered durable blobs, because clients send the same headers again and again. */
const MAX_KNOWN = 1000
const REFRESH_MS = 5000

interface HeaderSources {
  blobs: Pick<BlobStore, 'put'>
  /** Configured secrets. */
  secrets?: () => Promise<readonly Secret[]>
}

/** `signedPlaces`: URLs in answer headers are for the gateway alone and may be signed. */
export function createHeaderKeeper(
  { blobs, secrets = async () => [] }: HeaderSources,
  { signedPlaces }: { signedPlaces: boolean },
): HeaderKeeper {
  const known = new Map<string, Promise<Digest>>()
  let needles: { at: number; value: Promise<Buffer[]> } | null = null

  function currentNeedles(): Promise<Buffer[]> {
    const now = performance.now()
    if (needles === null || now - needles.at > REFRESH_MS) needles = { at: now, value: secrets().then(needlesOf) }
    return needles.value
  }

  async function put(text: string): Promise<Digest> {
    return (await blobs.put(Buffer.from(text))).digest
  }

  return {
    async keep(headers) {
      const kept = withoutSecrets(headers, await currentNeedles(), signedPlaces)
      if (kept.headers.length === 0 && kept.removed.length === 0) return undefined
      const text = JSON.stringify(kept)
      const stored = known.get(text) ?? put(text)
      known.delete(text)
      known.set(text, stored)
      stored.catch(() => known.delete(text))
      const [oldest] = known.keys()
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
      return stored
    },
  }
}

function withoutSecrets(
  given: Iterable<readonly [string, string]>,
  needles: readonly Buffer[],
  signedPlaces: boolean,
): KeptHeaders {
  const filter = createSecretFilter(needles)
  const kept: KeptHeaders = { headers: [], removed: [] }
  let bytes = 0
  for (const [name, value] of given) {
    bytes += name.length + value.length
    const secret = SECRET_NAME.test(name) || filter.carries(name) || filter.text(value) !== value
    if (secret || bytes > MAX_BYTES) kept.removed.push(filter.text(name))
    else kept.headers.push([name, signedPlaces && PLACES.has(name) ? value.replace(/[?#][^>,;]*/g, '?') : value])
  }
  return kept
}
