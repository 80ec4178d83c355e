// Notes at the start of a run about properties of the repository that may make steps fail, from files at the commit.
// The files are attacker-controlled and are only compared and quoted.
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
      ? ['the repository has submodules, but the task may reach no host from which they could be fetched']
      : []),
    ...(/^[^#].*\bfilter=lfs\b/m.test(attributes ?? '')
      ? ['the repository keeps files in Git LFS: in the sandbox they are pointers until a step runs `git lfs pull`']
      : []),
  ].map((note) => `${note}; see docs/tasks.md`)
}

/** Texts of regular files in the root of the commit. Skips large files, because they can't be configuration. */
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

/** Note about the Node version. Ignores names such as `lts/iron`, which are not version ranges. */
function nodeNote(file: string, wanted: string, { versions }: Toolchain): string[] {
  const has = versions['node']
  const range = wanted.length > 200 ? null : validRange(wanted)
  if (has === undefined || wanted === '' || range === null || satisfies(has, range)) return []
  return [
    `${file} wants Node ${printable(wanted).slice(0, 100)}, but the sandbox has ${has}: a task can name a toolchain`,
  ]
}
