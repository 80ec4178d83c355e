// Findings about a change that its diff does not show. The run controls how many there are. So the summary limits each kind
// separately, and many findings of one kind cannot hide another. The full list is kept besides the summary.
import type { ByteText } from '../../domain/byte-text.ts'
import { byteText, printable } from '../../domain/byte-text.ts'
import type { FindProtection } from '../../domain/inspection/protected-paths.ts'
import { hideSecrets } from '../../domain/inspection/secret-rules.ts'
import type { CommitSummary } from '../../git/commit-log.ts'
import type { ChangedPath, CommitFacts } from '../../git/inspect.ts'
import { IN_BOX } from '../environment.ts'
import { cutText } from './cut-text.ts'
import { oddDates, type RunTimes } from './commit-dates.ts'
import { ABSENT, EXECUTABLE, SUBMODULE, SYMLINK } from './modes.ts'
import type { SecretReport } from './secrets/scan-commits.ts'
import type { ProtectedChange, ProtectedChanges } from './protected-changes.ts'

export interface FindingGroup {
  kind: string
  lines: readonly string[]
  /** Number of lines in a summary. */
  shown: number
  /** Whether the lines are whole sentences, so that the kind is not put before them. */
  isWhole?: boolean
}

const SHOWN = 4
/** Lines in a summary for each kind of protected path. */
const SHOWN_PROTECTED = 25

export interface FindingParts {
  protections: ProtectedChanges
  find: FindProtection
  lockfiles: readonly string[]
  times: RunTimes
  secrets: SecretReport
}

export function changeFindings(facts: CommitFacts, parts: FindingParts): FindingGroup[] {
  const { changes } = facts
  const { protections, find, lockfiles, times, secrets } = parts
  const paths = (wanted: (change: ChangedPath) => boolean) =>
    changes.filter(wanted).map((change) => shownPath(change.path))
  const becomes = (mode: string) => paths(({ newMode, oldMode }) => newMode === mode && oldMode !== mode)
  const stays = (mode: string) => paths(({ newMode, oldMode }) => newMode === mode && oldMode === mode)
  const isBinary = ({ insertions, newMode }: ChangedPath) => insertions === null && newMode !== ABSENT
  const hiddenFirst = facts.undone.toSorted((a, b) => Number(find(b) !== null) - Number(find(a) !== null))
  const groups: FindingGroup[] = [
    ...protectedGroups(protections.found),
    group('credential', secrets.secrets),
    group('not scanned for credentials, because it is too large', secrets.notExamined),
    group('not scanned for credentials, because it is packed', secrets.closed),
    group('not examined', protections.notes),
    group('adds a symbolic link', becomes(SYMLINK)),
    group('leads a symbolic link elsewhere', stays(SYMLINK)),
    group('adds a submodule', becomes(SUBMODULE)),
    group('moves a submodule to another commit', stays(SUBMODULE)),
    group('makes executable', becomes(EXECUTABLE)),
    group('binary data, so its content is not in the diff', paths(isBinary)),
    group(
      'changed by one commit and reverted by another, so it is in the history but not in the diff',
      hiddenFirst.map(shownPath),
    ),
    { ...group('not from this run', facts.commits.flatMap(foreignPeople)), isWhole: true },
    { ...group('odd date', oddDates(facts.commits, times)), isWhole: true },
    { ...group('lockfile', lockfiles), isWhole: true, shown: SHOWN_PROTECTED },
  ]
  return groups
    .filter(({ lines }) => lines.length > 0)
    .map((found) => ({ ...found, lines: found.lines.map(hideSecrets) }))
}

/** The summary for people: the first lines of each kind, and the number of the others. */
export function shownFindings(groups: readonly FindingGroup[]): string[] {
  return groups.flatMap(({ kind, lines, shown, isWhole }) => {
    const first = lines.slice(0, shown).map((line) => (isWhole ? line : `${kind}: ${line}`))
    const rest = lines.length - first.length
    return rest === 0 ? first : [...first, `${kind}: and ${rest} more`]
  })
}

function group(kind: string, lines: readonly string[]): FindingGroup {
  return { kind, lines, shown: SHOWN }
}

function protectedGroups(found: readonly ProtectedChange[]): FindingGroup[] {
  return [...Map.groupBy(found, ({ kind }) => kind)].map(([kind, changes]) => ({
    kind: `protected path (${kind})`,
    lines: changes.map(
      ({ path, link }) => `${shownPath(path)}${link === null ? '' : `, which ${shownPath(link)} leads to`}`,
    ),
    shown: SHOWN_PROTECTED,
  }))
}

function shownPath(path: Uint8Array): string {
  return cutText(printable(byteText(path)))
}

/** The environment of a sandbox sets IN_BOX as author and committer; another name was set on purpose. */
function foreignPeople(commit: CommitSummary): string[] {
  const own = (name: ByteText, email: ByteText) => name === IN_BOX.name && email === IN_BOX.email
  const person = (name: ByteText, email: ByteText) => `${cutText(printable(name))} <${cutText(printable(email))}>`
  const { id, authorName, authorEmail, committerName, committerEmail } = commit
  const named = `commit ${id.slice(0, 12)} names`
  return [
    ...(own(authorName, authorEmail)
      ? []
      : [`${named} ${person(authorName, authorEmail)} as its author, not this run`]),
    ...(own(committerName, committerEmail)
      ? []
      : [`${named} ${person(committerName, committerEmail)} as its committer, not this run`]),
  ]
}
