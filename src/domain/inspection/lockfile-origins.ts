// The origins that a lockfile fetches packages from. A reviewer should look at each new origin: packages from there are
// installed and run, and their names and versions in the lockfile are only claims.

/** File names of lockfiles, and of requirement lists that can name addresses, for all languages. */
const NAMES: readonly string[] = [
  'package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock bun.lock bun.lockb deno.lock',
  'Cargo.lock poetry.lock uv.lock pdm.lock Pipfile.lock pylock.toml Gemfile.lock gems.locked composer.lock mix.lock',
  'pubspec.lock Podfile.lock Package.resolved packages.lock.json paket.lock gradle.lockfile conan.lock flake.lock',
  'go.mod go.sum Cartfile.resolved rebar.lock stack.yaml.lock cabal.project.freeze MODULE.bazel.lock .terraform.lock.hcl',
].flatMap((line) => line.split(' '))
const LOWER = new Set(NAMES.map((name) => name.toLowerCase()))
const REQUIREMENTS = /^(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in)$/
/** Fields with addresses for people; package managers fetch nothing from them. */
const NOT_FETCHED = new Set(['funding', 'support', 'homepage', 'authors'])
const MAX_ORIGINS = 1000

export function isLockfile(path: string): boolean {
  const name = fileNameOf(path).toLowerCase()
  return LOWER.has(name) || REQUIREMENTS.test(name)
}

export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Origins that only `after` names, such as `https://evil.example`. null stands for a missing lockfile. */
export function newOrigins(before: string | null, after: string | null): string[] {
  const known = originsOf(before)
  return [...originsOf(after)].filter((origin) => !known.has(origin)).toSorted()
}

/** Origins in attacker-controlled text: from the fields of JSON, or from the addresses in any other text. */
export function originsOf(text: string | null): Set<string> {
  if (text === null) return new Set()
  const json = parsed(text)
  return json === null ? originsOfText(text) : originsOfJson(json)
}

/** It uses no recursion, so deep nesting cannot exhaust the stack. */
function originsOfJson(json: unknown): Set<string> {
  const origins = new Set<string>()
  const left: unknown[] = [json]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (NOT_FETCHED.has(key)) continue
      // Deno uses the address of a module as the key.
      if (/^https?:\/\//i.test(key) && origins.size < MAX_ORIGINS) origins.add(originOf(key))
      if (isAddress(key, child) && origins.size < MAX_ORIGINS) origins.add(originOf(child))
      else if (typeof child === 'object' && child !== null) left.push(child)
    }
  }
  return origins
}

/** Finds addresses anywhere in the text, not only in known fields: every download needs an address. */
function originsOfText(text: string): Set<string> {
  const origins = new Set<string>()
  const addresses = text.matchAll(
    /\b(?:[a-z][a-z0-9+.]{1,20}:\/\/[^\s"'`<>(),;\]}]{1,2000}|[a-z0-9_.-]{1,64}@[a-z0-9.-]{1,255}:(?=[^\s\d:])[^\s"',]{1,500})/gi,
  )
  for (const [address] of addresses) {
    if (origins.size === MAX_ORIGINS) break
    const ssh = /^[^/:]+@([^/:]+):(?!\/\/)/.exec(address)?.[1]
    // Yarn writes a requested range as `name@npm:^1`; that is not an address.
    if (ssh === undefined) origins.add(originOf(address))
    else if (ssh.includes('.')) origins.add(`ssh://${ssh}`)
  }
  for (const [, encoded = ''] of text.matchAll(/__archiveUrl=([^\s"'&]{1,2000})/g)) {
    if (origins.size < MAX_ORIGINS) origins.add(originOf(unescaped(encoded)))
  }
  return origins
}

/** npm fetches from the address in `resolved`, in `version` or, in lockfiles of version 1, in `from`. */
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
  if (!URL.canParse(resolved)) return 'an invalid address'
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
