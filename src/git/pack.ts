// Packs the commits of a change, so that the quarantine can be restored if its folder is lost.
import type { Readable } from 'node:stream'
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'

export interface PackRange {
  repository: string
  /** A commit that the receiver already has. */
  base: string
  commit: string
}

/**
 * Packs the objects that `commit` reaches and `base` does not. The pack is not thin: it contains the base of each delta.
 * git uses one thread, so that the same objects in the same repository give the same bytes.
 */
export async function writePack(
  git: HostGit,
  { repository, base, commit }: PackRange,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  requireId(base)
  requireId(commit)
  const argv = ['pack-objects', '--revs', '--stdout', '--quiet', '--threads=1', '--delta-base-offset']
  const packing = git.start({ gitDir: repository, argv })
  packing.stdin.on('error', () => {})
  packing.stdin.end(`${commit}\n^${base}\n`)
  try {
    for await (const chunk of packing.stdout) await take(chunk as Buffer)
  } catch (error) {
    packing.stop('aborted')
    await packing.ended.catch(() => {})
    throw error
  }
  const { code, stderr } = await packing.ended
  if (code !== 0) throw new Error(`git pack-objects ended with ${code}: ${stderr.slice(-500)}`)
}

/**
 * Adds the objects of a pack from writePack to a repository that Glovebox owns. The objects passed all checks when they were
 * pushed (strict-check.ts). They are not checked again, since an object that was accepted then must not be refused now.
 */
export async function readPack(git: HostGit, repository: string, pack: Readable): Promise<void> {
  await git.run({ gitDir: repository, argv: ['index-pack', '--stdin'], input: pack })
}
