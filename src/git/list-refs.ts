import type { HostGit } from './host-git.ts'

/** From full name to object id: the refs below a prefix such as `refs/heads/` in a bare repository that Glovebox owns. */
export async function listRefs(git: HostGit, repository: string, prefix: string): Promise<ReadonlyMap<string, string>> {
  const argv = ['for-each-ref', '--format=%(objectname) %(refname)', '--end-of-options', prefix]
  const { stdout } = await git.run({ gitDir: repository, argv, maxOutput: 64 * 1024 * 1024 })
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]))
}
