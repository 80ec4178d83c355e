// What the registry service refuses whatever policy says: it is for reading. One sentence each, shown by npm.
import type { RegistryPath } from './registry-path.ts'

const QUICK_AUDIT = 'The quick audit endpoint is not served here; npm 7 and later use the bulk advisory endpoint.'
const UNKNOWN = 'Only packages, their tarballs, signatures, search and advisories are served from the registry here.'
// It would reach the registry as it stands and say whatever the sandbox likes, and no answer depends on it.
const QUERY = 'The registry is read-only here and asked by path alone: a query (`?`) is not passed on.'
const READ_ONLY = 'The registry is read-only here: no publish, no unpublish, no login, no tags, no owners, no tokens.'

/** null when the method, path and query may be put to policy. */
export function registryRefusal(method: string, path: RegistryPath | null, query: string): string | null {
  if (path?.kind === 'quick-audit') return QUICK_AUDIT
  if (path?.kind === 'advisories' && method !== 'POST') return 'Advisories are asked for with POST.'
  if (path?.kind === 'advisories') return query === '' ? null : QUERY
  if (method !== 'GET' && method !== 'HEAD') return READ_ONLY
  if (path === null) return UNKNOWN
  return query !== '' && path.kind !== 'search' ? QUERY : null
}
