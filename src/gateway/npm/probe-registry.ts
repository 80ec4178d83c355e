// For `doctor`: which registry this machine's npm is configured for, and whether it answers.
import type { NpmUpstream } from './upstream.ts'

export interface RegistryProbe {
  name: string
  found: boolean
  detail: string
  cure: string | null
}

const TIMEOUT_MS = 10_000
const CURE = 'set `npm config set registry URL` (and `cafile`, `proxy` where needed) for the account that runs Glovebox'

/** Any answer will do: a registry that wants a credential for its root is there, too. */
export async function probeRegistry(open: () => Promise<NpmUpstream>): Promise<RegistryProbe> {
  const name = 'npm registry'
  try {
    const upstream = await open()
    const [url] = upstream.registries
    if (url === undefined) return { name, found: false, detail: 'npm names no registry', cure: CURE }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const { status, body } = await upstream.ask({ method: 'GET', url: new URL('-/ping', url), headers: {}, signal })
    body.destroy()
    return { name, found: true, detail: `${url.href} answers (${status})`, cure: null }
  } catch (error) {
    return { name, found: false, detail: error instanceof Error ? error.message : String(error), cure: CURE }
  }
}
