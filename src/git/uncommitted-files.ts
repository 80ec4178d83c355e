// Counts the files of a local work tree that differ from its commit. git runs with the configuration of a stand-in
// (stand-in.ts) and only reads the index and the work tree: no filter, hook or file-system monitor that the repository
// configures is started, also not one of a submodule.
import { mkdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostGit } from './host-git.ts'
import { locateRepository, withStandIn } from './stand-in.ts'

/** A large work tree must not delay the run: after this time the number stays unknown. */
const TIMEOUT_MS = 5_000
const MAX_OUTPUT = 4 * 1024 * 1024

/** Modified, staged, removed and untracked files; ignored ones don't count. null: a bare repository, or unknown. */
export async function uncommittedFiles(git: HostGit, address: string): Promise<number | null> {
  try {
    const repository = await locateRepository(address)
    const index = join(repository.gitDir, 'index')
    if (repository.gitDir === address || !(await stat(index)).isFile()) return null
    return await withStandIn(git, repository, 'read', async (path) => {
      await mkdir(join(path, 'info'))
      await symlink(join(repository.commonDir, 'info', 'exclude'), join(path, 'info', 'exclude'))
      const { stdout } = await git.run({
        argv: ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignore-submodules=all'],
        env: { GIT_DIR: path, GIT_WORK_TREE: address, GIT_INDEX_FILE: index },
        config: ['core.bare=false'],
        timeoutMs: TIMEOUT_MS,
        maxOutput: MAX_OUTPUT,
      })
      return stdout.toString('latin1').split('\0').length - 1
    })
  } catch {
    return null
  }
}
