// What a reviewer should know of a change beyond its diff. Everything here was chosen by the run: each kind has a bound of
// its own, so that a flood of one kind does not bury another.
import type { ByteText } from '../../domain/byte-text.ts'
import { byteText, printable } from '../../domain/byte-text.ts'
import { isProtectedPath } from '../../domain/inspection/protected-paths.ts'
import type { CommitSummary } from '../../git/commit-log.ts'
import type { ChangedPath, CommitFacts } from '../../git/inspect.ts'
import { IN_BOX } from '../environment.ts'

/** With the line for the rest, all kinds fit into the event of the change (propose.ts). */
const MAX_OF_A_KIND = 4
const MAX_SHOWN = 200
const SYMLINK = '120000'
const SUBMODULE = '160000'
const EXECUTABLE = '100755'
const ABSENT = '000000'

export function changeFindings(facts: CommitFacts, { lockfiles }: { lockfiles: readonly string[] }): string[] {
  const { changes } = facts
  const paths = (wanted: (change: ChangedPath) => boolean) => changes.filter(wanted).map((change) => change.path)
  const becomes = (mode: string) => paths(({ newMode, oldMode }) => newMode === mode && oldMode !== mode)
  const stays = (mode: string) => paths(({ newMode, oldMode }) => newMode === mode && oldMode === mode)
  const hidden = facts.undone.toSorted((a, b) => Number(isProtected(b)) - Number(isProtected(a)))
  return [
    ...bounded('protected path', shown(paths(({ path }) => isProtected(path)))),
    ...bounded('adds a symbolic link', shown(becomes(SYMLINK))),
    ...bounded('leads a symbolic link elsewhere', shown(stays(SYMLINK))),
    ...bounded('adds a submodule', shown(becomes(SUBMODULE))),
    ...bounded('moves a submodule to another commit', shown(stays(SUBMODULE))),
    ...bounded('makes executable', shown(becomes(EXECUTABLE))),
    ...bounded(
      'binary data, so its content is not in the diff',
      shown(paths(({ insertions, newMode }) => insertions === null && newMode !== ABSENT)),
    ),
    ...bounded('changed by one commit and back by another, so it is in the history and not in the diff', shown(hidden)),
    ...bounded('not from this run', facts.commits.flatMap(foreignPeople)),
    ...bounded('lockfile', lockfiles),
  ]
}

/** The words of a finding start with its kind, but where the lines say it themselves. */
function bounded(kind: string, lines: readonly string[]): string[] {
  const whole = kind === 'lockfile' || kind === 'not from this run'
  const first = lines.slice(0, MAX_OF_A_KIND).map((line) => (whole ? line : `${kind}: ${line}`))
  const rest = lines.length - first.length
  return rest === 0 ? first : [...first, `${kind}: and ${rest} more`]
}

function shown(paths: readonly Uint8Array[]): string[] {
  return paths.map((path) => printable(byteText(path)).slice(0, 300))
}

function isProtected(path: Uint8Array): boolean {
  return isProtectedPath(new TextDecoder().decode(path))
}

/** A sandbox's environment names IN_BOX; whoever names others did so on purpose. */
function foreignPeople(commit: CommitSummary): string[] {
  const own = (name: ByteText, email: ByteText) => name === IN_BOX.name && email === IN_BOX.email
  const person = (name: ByteText, email: ByteText) =>
    `${printable(name).slice(0, MAX_SHOWN)} <${printable(email).slice(0, MAX_SHOWN)}>`
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
