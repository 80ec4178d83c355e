// Findings in the lockfiles of a change, which a reviewer would miss among the many changed lines.
import { byteText, printable } from '../../domain/byte-text.ts'
import { fileNameOf, isLockfile, originsOf } from '../../domain/inspection/lockfile-origins.ts'
import { compareLocks, originsOfLock } from '../../domain/inspection/locks/compare-locks.ts'
import { declaredAliases } from '../../domain/inspection/locks/declared-aliases.ts'
import { type Lock, LockError } from '../../domain/inspection/locks/lock-entry.ts'
import { isReadableLock, readLock } from '../../domain/inspection/locks/read-lock.ts'
import { isGitError } from '../../git/git-error.ts'
import type { HostGit } from '../../git/host-git.ts'
import type { ChangedPath } from '../../git/inspect.ts'
import { readBlob, readFileAt } from '../../git/read-file.ts'
import { cutText } from './cut-text.ts'
import { ABSENT, isLinkMode } from './modes.ts'

interface Range {
  repository: string
  base: string
  commit: string
}

const MAX_LOCKFILES = 50
const MAX_LOCKFILE_BYTES = 32 * 1024 * 1024
const MAX_MANIFEST_BYTES = 1024 * 1024
/** Limit on the folders whose package.json is read for aliases. */
const MAX_FOLDERS = 200
const AT_THE_TOP = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock']

export async function lockfileFindings(git: HostGit, range: Range, changes: readonly ChangedPath[]): Promise<string[]> {
  const lockfiles = changes.filter(
    ({ path, newMode }) => newMode !== ABSENT && !isLinkMode(newMode) && isLockfile(new TextDecoder().decode(path)),
  )
  const found: string[] = []
  for (const change of lockfiles.slice(0, MAX_LOCKFILES)) {
    const path = cutText(printable(byteText(change.path)))
    const lines = await findingsOf(git, range, change)
    found.push(...lines.map((line) => `${path}: ${cutText(printable(line), 600)}`))
  }
  const rest = lockfiles.length - MAX_LOCKFILES
  return rest > 0 ? [...found, `${rest} more lockfiles changed and were not examined`] : found
}

async function findingsOf(git: HostGit, range: Range, change: ChangedPath): Promise<string[]> {
  const path = new TextDecoder().decode(change.path)
  const hadOne = change.oldMode !== ABSENT && !isLinkMode(change.oldMode)
  const before = hadOne ? await textOf(git, range, change.oldId) : null
  const after = await textOf(git, range, change.newId)
  if (after === null) return [`it is over ${MAX_LOCKFILE_BYTES} bytes and was not examined`]
  if (after.includes('\0')) return ['it is binary and was not examined']
  const [old, now] = [attempt(path, before), attempt(path, after)]
  const problems = isReadableLock(path) && now.why !== null ? [`it was not examined: ${now.why}`] : []
  const known = hadOne ? placesOf(before, old.lock) : await knownAtTop(git, range)
  const places = [...placesOf(after, now.lock)].filter((place) => !known.has(place)).toSorted()
  const moved = places.map((place) => `fetches from a new place: ${place}`)
  if (now.lock === null) return [...problems, ...moved]
  const declared = declaredAliases(await manifestsOf(git, range, path, now.lock))
  return [...moved, ...compareLocks(old.lock, now.lock, declared)]
}

function attempt(path: string, text: string | null): { lock: Lock | null; why: string | null } {
  if (text === null || !isReadableLock(path)) return { lock: null, why: null }
  try {
    return { lock: readLock(path, text), why: null }
  } catch (error) {
    if (!(error instanceof LockError)) throw error
    return { lock: null, why: error.message }
  }
}

/** npm's lockfile may have addresses in fields that readLock() does not read, so all its text is searched. */
function placesOf(text: string | null, lock: Lock | null): Set<string> {
  const isYaml = lock !== null && !text?.trimStart().startsWith('{')
  return isYaml ? originsOfLock(lock) : originsOf(text)
}

async function knownAtTop(git: HostGit, { repository, base }: Range): Promise<Set<string>> {
  const known = new Set<string>()
  for (const name of AT_THE_TOP) {
    const text = await fileAt(git, repository, base, name, MAX_LOCKFILE_BYTES)
    for (const place of text === null ? [] : placesOf(text, attempt(name, text).lock)) known.add(place)
  }
  return known
}

async function manifestsOf(git: HostGit, { repository, commit }: Range, path: string, lock: Lock): Promise<string[]> {
  const folder = path.slice(0, path.length - fileNameOf(path).length)
  const folders = [...new Set(['', ...lock.folders.map((name) => (name === '' || name === '.' ? '' : `${name}/`))])]
  const texts: string[] = []
  for (const name of folders.slice(0, MAX_FOLDERS)) {
    const text = await fileAt(git, repository, commit, `${folder}${name}package.json`, MAX_MANIFEST_BYTES)
    if (text !== null) texts.push(text)
  }
  return texts
}

async function textOf(git: HostGit, { repository }: Range, id: string): Promise<string | null> {
  return decoded(readBlob(git, repository, id, MAX_LOCKFILE_BYTES))
}

async function fileAt(git: HostGit, repository: string, commit: string, path: string, max: number) {
  return decoded(readFileAt(git, repository, commit, path, max))
}

/** null: the file is missing or too large. */
async function decoded(reading: Promise<Uint8Array | null>): Promise<string | null> {
  try {
    const bytes = await reading
    return bytes === null ? null : new TextDecoder().decode(bytes)
  } catch (error) {
    if (isGitError(error, 'too-large')) return null
    throw error
  }
}
