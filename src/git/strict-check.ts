// All checks of git on what was sent. Old histories have objects with faults that git accepts by default, and a run that
// goes back to such a state sends them again: what the forge has already, where the run may read it, is let through.
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isGitError } from './git-error.ts'
import type { GitRunCommand, HostGit } from './host-git.ts'
import { linesOf } from './lines-of.ts'

/** `env` shows the objects that are kept apart. */
export type ApartCommand = Pick<GitRunCommand, 'gitDir' | 'env' | 'timeoutMs' | 'signal'>

export interface SentObjects {
  /** Folder with one pack and its index. */
  folder: string
  sent: ReadonlySet<string>
  /** What the run may read. */
  tips: readonly string[]
}

/** index-pack's own words: `error: object <id>: <check>: <what>`. */
const FAULTY = /^error: object ([0-9a-f]+): [A-Za-z]+: /m
/** The name of a file in the folder that git runs in: a path would be cut at a blank or a comma (fsck.c). */
const KNOWN_FILE = 'known'
/** Beside what is in the pack, a check names a `.gitmodules` that a tree of the pack names. */
const MAX_TRIES = 8

/** GitError as index-pack fails. */
export async function checkStrictly(git: HostGit, common: ApartCommand, objects: SentObjects): Promise<void> {
  const known = new Set<string>()
  for (let tries = 0; ; tries++) {
    try {
      return await verify(git, common, objects.folder, known)
    } catch (error) {
      const faulty = isGitError(error, 'failed') ? FAULTY.exec(error.stderr)?.[1] : undefined
      if (faulty === undefined || known.has(faulty) || tries === MAX_TRIES) throw error
      for (const id of await knownBefore(git, common, objects, faulty)) known.add(id)
      if (!known.has(faulty)) throw error
    }
  }
}

async function verify(git: HostGit, common: ApartCommand, folder: string, known: ReadonlySet<string>): Promise<void> {
  const pack = (await readdir(join(folder, 'pack'))).find((name) => name.endsWith('.pack'))
  // A mode that git only warns of reads as a file to one program and as a submodule to the next.
  const checks = ['badFilemode=error']
  if (known.size > 0) {
    await writeFile(join(folder, KNOWN_FILE), [...known].map((id) => `${id}\n`).join(''))
    checks.push(`skiplist=${KNOWN_FILE}`)
  }
  const argv = ['index-pack', '--verify', `--strict=${checks.join(',')}`, '--threads=1', join('pack', pack ?? 'none')]
  await git.run({ ...common, cwd: folder, argv })
}

/** Those of the objects that the tips reach. All of the history is looked through, which only faults are worth. */
async function knownBefore(
  git: HostGit,
  common: ApartCommand,
  { sent, tips }: SentObjects,
  faulty: string,
): Promise<string[]> {
  const known: string[] = []
  const argv = ['rev-list', '--objects', '--no-object-names', '--stdin']
  await linesOf(git, { ...common, argv, input: tips.map((tip) => `${tip}\n`).join('') }, (line) => {
    if (line === faulty || sent.has(line)) known.push(line)
  })
  return known
}
