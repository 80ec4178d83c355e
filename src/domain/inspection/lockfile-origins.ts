// Where a lockfile fetches packages from. A change that adds a new place deserves a second look: what is fetched there is
// installed and run, and its name and version in the lockfile are only what the lockfile says.

/** Lockfiles, and lists of requirements that say where packages come from, of any language. */
const NAMES: readonly string[] = [
  'package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock bun.lock bun.lockb deno.lock',
  'Cargo.lock poetry.lock uv.lock pdm.lock Pipfile.lock pylock.toml Gemfile.lock gems.locked composer.lock mix.lock',
  'pubspec.lock Podfile.lock Package.resolved packages.lock.json paket.lock gradle.lockfile conan.lock flake.lock',
  'go.mod go.sum Cartfile.resolved rebar.lock stack.yaml.lock cabal.project.freeze MODULE.bazel.lock .terraform.lock.hcl',
].flatMap((line) => line.split(' '))
const LOWER = new Set(NAMES.map((name) => name.toLowerCase()))
const REQUIREMENTS = /^(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in)$/
/** Addresses for people. */
const NOT_FETCHED = new Set(['funding', 'support', 'homepage', 'authors'])
const MAX_ORIGINS = 1000

export function isLockfile(path: string): boolean {
  const name = fileNameOf(path).toLowerCase()
  return LOWER.has(name) || REQUIREMENTS.test(name)
}

export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Origins that `after` names and `before` does not, such as `https://evil.example`; null is no lockfile at all. */
export function newOrigins(before: string | null, after: string | null): string[] {
  const known = originsOf(before)
  return [...originsOf(after)].filter((origin) => !known.has(origin)).toSorted()
}

/** Attacker-controlled text: JSON by its fields, and any other text by the addresses in it. */
export function originsOf(text: string | null): Set<string> {
  if (text === null) return new Set()
  const json = parsed(text)
  return json === null ? originsOfText(text) : originsOfJson(json)
}

/** Depth costs no stack. */
function originsOfJson(json: unknown): Set<string> {
  const origins = new Set<string>()
  const left: unknown[] = [json]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (NOT_FETCHED.has(key)) continue
      // Deno names what it loads by its address.
      if (/^https?:\/\//i.test(key) && origins.size < MAX_ORIGINS) origins.add(originOf(key))
      if (isAddress(key, child) && origins.size < MAX_ORIGINS) origins.add(originOf(child))
      else if (typeof child === 'object' && child !== null) left.push(child)
    }
  }
  return origins
}

/** An address needs no field of a known name: whatever fetches has to write one. */
function originsOfText(text: string): Set<string> {
  const origins = new Set<string>()
  const addresses = text.matchAll(
    /\b(?:[a-z][a-z0-9+.]{1,20}:\/\/[^\s"'`<>(),;\]}]{1,2000}|[a-z0-9_.-]{1,64}@[a-z0-9.-]{1,255}:(?=[^\s\d:])[^\s"',]{1,500})/gi,
  )
  for (const [address] of addresses) {
    if (origins.size === MAX_ORIGINS) break
    const ssh = /^[^/:]+@([^/:]+):(?!\/\/)/.exec(address)?.[1]
    // `name@npm:^1` is how Yarn writes what it was asked for.
    if (ssh === undefined) origins.add(originOf(address))
    else if (ssh.includes('.')) origins.add(`ssh://${ssh}`)
  }
  for (const [, encoded = ''] of text.matchAll(/__archiveUrl=([^\s"'&]{1,2000})/g)) {
    if (origins.size < MAX_ORIGINS) origins.add(originOf(unescaped(encoded)))
  }
  return origins
}

/** npm fetches from `resolved`, and from what stands in place of a version or, in version 1, in `from`. */
function isAddress(key: string, value: unknown): value is string {
  if (typeof value !== 'string') return false
  return (
    ['resolved', 'url', 'uri', 'tarball'].includes(key) ||
    ((key === 'version' || key === 'from') && /^(?!npm:)[a-z][a-z0-9+.-]*:/i.test(value.trim()))
  )
}

function parsed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
    return typeof json === 'object' ? json : null
  } catch {
    return null
  }
}

export function originOf(resolved: string): string {
  if (!URL.canParse(resolved)) return 'a place that is no address'
  const { protocol, host } = new URL(resolved)
  return host === '' ? `${protocol} (a path)` : `${protocol}//${host}`
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
