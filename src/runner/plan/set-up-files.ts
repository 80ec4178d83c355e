// Files in the root of the commit that say how the project is set up. Attacker-controlled.
import { isGitError } from '../../git/git-error.ts'
import type { HostGit } from '../../git/host-git.ts'
import { listTree, readBlob } from '../../git/read-file.ts'

/** Text by name of the file. */
export type SetUpFiles = ReadonlyMap<string, string>

const FILES: readonly string[] = ['package.json', '.nvmrc', '.node-version', '.gitmodules', '.gitattributes']
const MAX_FILE_BYTES = 256 * 1024

/** Texts of regular files in the root of the commit. Skips large files, because they can't be configuration. */
export async function setUpFiles(
  git: HostGit,
  { mirror, commit }: { mirror: string; commit: string },
): Promise<SetUpFiles> {
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
