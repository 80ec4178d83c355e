// Refusals of the read-only registry service that no policy can relax. Each is one sentence, which npm shows.
import type { RegistryPath } from './registry-path.ts'

const QUICK_AUDIT = 'The quick audit endpoint is not served here; npm 7 and later use the bulk advisory endpoint.'
const UNKNOWN = 'Only packages, their tarballs, signatures, search and advisories are served from the registry here.'
// A query would carry any text from the sandbox to the registry, and no answer depends on it.
const QUERY = 'The registry is read-only here, and a query (`?`) is not passed on.'
const READ_ONLY = 'The registry is read-only here: no publish, no unpublish, no login, no tags, no owners, no tokens.'

/** Returns null when policy may decide on this method, path and query. */
export function registryRefusal(method: string, path: RegistryPath | null, query: string): string | null {
  if (path?.kind === 'quick-audit') return QUICK_AUDIT
  if (path?.kind === 'advisories' && method !== 'POST') return 'Advisory queries must use POST.'
  if (path?.kind === 'advisories') return query === '' ? null : QUERY
  if (method !== 'GET' && method !== 'HEAD') return READ_ONLY
  if (path === null) return UNKNOWN
  return query !== '' && path.kind !== 'search' ? QUERY : null
}
