// The commits of a change as a pack: what a quarantine can be made of again where its folder is gone.
import type { Readable } from 'node:stream'
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'

export interface PackRange {
  repository: string
  /** What the other side has already. */
  base: string
  commit: string
}

/**
 * Gives the objects that `commit` reaches and `base` does not. Not thin: each delta has its base in the pack. One thread,
 * so that the same objects in the same repository give the same bytes.
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

/** Puts the objects of a pack of ours into a repository of ours, and the branch on its commit. */
export async function readPack(
  git: HostGit,
  { repository, branch, commit }: { repository: string; branch: string; commit: string },
  pack: Readable,
): Promise<void> {
  requireId(commit)
  await git.run({ gitDir: repository, argv: ['index-pack', '--stdin', '--strict'], input: pack })
  const input = `create refs/heads/${branch} ${commit}\n`
  await git.run({ gitDir: repository, argv: ['update-ref', '--stdin'], input })
}
