// Traps that are put into the repository before a run starts.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { commitAll, git } from '../../../main-job/glovebox.ts'
import type { AttemptGround } from '../../attempt.ts'

/** Works in a clone of the repository and pushes the commits on `branch`. */
export async function inTree(
  { folder, repository }: AttemptGround,
  branch: string,
  work: (tree: string) => Promise<void>,
): Promise<void> {
  const tree = join(folder, 'tree')
  await git(folder, 'clone', '--quiet', repository, tree)
  await git(tree, 'checkout', '--quiet', '-B', branch)
  await work(tree)
  await commitAll(tree, `Prepare ${branch}`)
  await git(tree, 'push', '--quiet', 'origin', branch)
  await rm(tree, { recursive: true })
}
