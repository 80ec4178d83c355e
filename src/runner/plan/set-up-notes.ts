// What a requester should know of a repository before its steps fail over it: said at the start, from files at the commit.
// Attacker-controlled: they are only compared and quoted.
import { satisfies, validRange } from 'semver'
import { printable } from '../../domain/byte-text.ts'
import type { ReachSet } from '../../domain/reach.ts'
import { isGitError } from '../../git/git-error.ts'
import { listTree, readBlob } from '../../git/read-file.ts'
import type { HostGit } from '../../git/host-git.ts'
import type { Toolchain } from '../../sandbox/types.ts'

const FILES: readonly string[] = ['package.json', '.nvmrc', '.node-version', '.gitmodules', '.gitattributes']
const MAX_FILE_BYTES = 256 * 1024

export async function setUpNotes(
  git: HostGit,
  source: { mirror: string; commit: string },
  { toolchain, hosts }: { toolchain: Toolchain; hosts: ReachSet },
): Promise<string[]> {
  const texts = await textsAt(git, source)
  const [manifest, nvmrc, nodeVersion, modules, attributes] = FILES.map((file) => texts.get(file) ?? null)
  const wanted = [
    { file: 'package.json', range: enginesOf(manifest ?? null) },
    { file: '.nvmrc', range: (nvmrc ?? '').trim() },
    { file: '.node-version', range: (nodeVersion ?? '').trim() },
  ]
  const granted = hosts.git.length > 0
  return [
    ...wanted.flatMap(({ file, range }) => nodeNote(file, range, toolchain)),
    ...(modules !== null && !granted
      ? ['the repository has submodules, and the task reaches no host that they could be fetched from']
      : []),
    ...(/^[^#].*\bfilter=lfs\b/m.test(attributes ?? '')
      ? ['the repository keeps files in Git LFS: inside they are pointers, until a step runs `git lfs pull`']
      : []),
  ].map((note) => `${note}; see docs/tasks.md`)
}

/** Of those that are regular files in the root of the commit. What is too large is no configuration of anything. */
async function textsAt(
  git: HostGit,
  { mirror, commit }: { mirror: string; commit: string },
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const entries = await listTree(git, mirror, commit, '').catch(noneIfLarge)
  for (const { name, mode, id } of entries ?? []) {
    const file = Buffer.from(name).toString('latin1')
    if (!FILES.includes(file) || !mode.startsWith('100')) continue
    const bytes = await readBlob(git, mirror, id, MAX_FILE_BYTES).catch(noneIfLarge)
    if (bytes !== null) texts.set(file, new TextDecoder().decode(bytes))
  }
  return texts
}

function noneIfLarge(error: unknown): null {
  if (isGitError(error, 'too-large')) return null
  throw error
}

function enginesOf(manifest: string | null): string {
  try {
    const { engines } = JSON.parse(manifest ?? '{}') as { engines?: { node?: unknown } }
    return typeof engines?.node === 'string' ? engines.node : ''
  } catch {
    return ''
  }
}

/** Names such as `lts/iron` are nobody's range, and are left alone. */
function nodeNote(file: string, wanted: string, { versions }: Toolchain): string[] {
  const has = versions['node']
  const range = wanted.length > 200 ? null : validRange(wanted)
  if (has === undefined || wanted === '' || range === null || satisfies(has, range)) return []
  return [`${file} wants Node ${printable(wanted).slice(0, 100)}, and the box has ${has}: a task can name a toolchain`]
}
