// Runs all of git's object checks on the pack that was sent. Old histories have objects with faults that git accepts by
// default, and a run that restores such a state sends them again. So faulty objects pass if the forge already has them and
// the run may read them.
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isGitError } from './git-error.ts'
import type { GitRunCommand, HostGit } from './host-git.ts'
import { linesOf } from './lines-of.ts'

/** `env` shows git the objects that are kept apart from the repository. */
export type ApartCommand = Pick<GitRunCommand, 'gitDir' | 'env' | 'timeoutMs' | 'signal'>

export interface SentObjects {
  /** A folder with one pack and its index. */
  folder: string
  sent: ReadonlySet<string>
  /** The commits that the run may read. */
  tips: readonly string[]
}

/** An error line of index-pack: `error: object <id>: <check>: <message>`. */
const FAULTY = /^error: object ([0-9a-f]+): [A-Za-z]+: /m
/** A file name in git's working directory, not a path: git would cut a path at a blank or a comma (fsck.c). */
const KNOWN_FILE = 'known'
/** More than one try: git can also report a `.gitmodules` outside the pack that a tree of the pack refers to. */
const MAX_TRIES = 8

/** Rejects with the GitError of index-pack. */
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
  // git only warns of a bad mode, but one program reads it as a file and another as a submodule.
  const checks = ['badFilemode=error']
  if (known.size > 0) {
    await writeFile(join(folder, KNOWN_FILE), [...known].map((id) => `${id}\n`).join(''))
    checks.push(`skiplist=${KNOWN_FILE}`)
  }
  const argv = ['index-pack', '--verify', `--strict=${checks.join(',')}`, '--threads=1', join('pack', pack ?? 'none')]
  await git.run({ ...common, cwd: folder, argv })
}

/** The sent and faulty objects that the tips reach. This walks the whole history, so it only runs after a fault. */
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
