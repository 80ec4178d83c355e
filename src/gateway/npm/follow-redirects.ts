// Registries send tarball requests on to storage, often with a signed URL. A signed URL is a credential: it is followed
// here and never shown inside (invariant 1).
import { GatewayError } from '../gateway-error.ts'
import type { NpmUpstream, UpstreamAnswer, UpstreamQuestion } from './upstream.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MAX_REDIRECTS = 3

export async function askFollowing(
  upstream: NpmUpstream,
  question: UpstreamQuestion,
  used: (url: URL) => void,
): Promise<UpstreamAnswer> {
  let { url } = question
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    used(url)
    const answer = await upstream.ask({ ...question, url })
    if (!REDIRECTS.has(answer.status)) return answer
    answer.body.destroy()
    url = nextUrl(url, answer.headers.get('location'))
  }
  throw new GatewayError('bad-upstream', `The registry redirected more than ${MAX_REDIRECTS} times.`)
}

function nextUrl(from: URL, location: string | undefined): URL {
  const url = location === undefined ? null : URL.parse(location, from.href)
  const safe =
    url !== null &&
    url.username === '' &&
    url.password === '' &&
    (url.protocol === 'https:' || url.origin === from.origin)
  if (!safe) throw new GatewayError('bad-upstream', 'The registry redirected to where the gateway does not follow.')
  return url
}
