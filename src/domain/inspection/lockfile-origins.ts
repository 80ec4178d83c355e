// Where a lockfile fetches packages from. A change that adds a new place deserves a second look: what is fetched there is
// installed and run, and its name and version in the lockfile are only what the lockfile says.

const LOCKFILES = ['package-lock.json', 'npm-shrinkwrap.json']
const MAX_ORIGINS = 1000

export function isLockfile(path: string): boolean {
  return LOCKFILES.includes(path.slice(path.lastIndexOf('/') + 1))
}

/** Origins that `after` names and `before` does not, such as `https://evil.example`; null is no lockfile at all. */
export function newOrigins(before: string | null, after: string | null): string[] {
  const known = originsOf(before)
  return [...originsOf(after)].filter((origin) => !known.has(origin)).toSorted()
}

/** Attacker-controlled text: what is no JSON names nothing, and depth costs no stack. */
function originsOf(text: string | null): Set<string> {
  const origins = new Set<string>()
  const left: unknown[] = [parsed(text)]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (isAddress(key, child) && origins.size < MAX_ORIGINS) origins.add(originOf(child))
      else if (typeof child === 'object' && child !== null) left.push(child)
    }
  }
  return origins
}

/** npm fetches from `resolved`, and from what stands in place of a version or, in version 1, in `from`. */
function isAddress(key: string, value: unknown): value is string {
  if (typeof value !== 'string') return false
  return (
    key === 'resolved' || ((key === 'version' || key === 'from') && /^(?!npm:)[a-z][a-z0-9+.-]*:/i.test(value.trim()))
  )
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}

function originOf(resolved: string): string {
  if (!URL.canParse(resolved)) return 'a place that is no address'
  const { protocol, host } = new URL(resolved)
  return host === '' ? `${protocol} (a path)` : `${protocol}//${host}`
}
