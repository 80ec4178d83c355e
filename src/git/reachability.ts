// Borrowed objects make everything of the mirror readable by its id. These say what a run's refs really reach.
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'

/** `env` shows objects that are not in the repository yet. */
export interface Look {
  repository: string
  env?: Readonly<Record<string, string>>
}

export async function isAncestor(
  git: HostGit,
  { repository, env }: Look,
  ancestor: string,
  descendant: string,
): Promise<boolean> {
  for (const id of [ancestor, descendant]) requireId(id)
  const argv = ['merge-base', '--is-ancestor', ancestor, descendant]
  return (await git.run({ gitDir: repository, env: env ?? {}, argv, okCodes: [0, 1] })).code === 0
}

/** Those of the ids that are tips, or commits in reach of these. Unknown ids and other objects are not. */
export async function reachableCommits(
  git: HostGit,
  repository: string,
  ids: readonly string[],
  tips: readonly string[],
): Promise<ReadonlySet<string>> {
  const at = new Set(tips)
  const shown = ids.filter((id) => at.has(id))
  const others = ids.filter((id) => !at.has(id))
  const commits = others.length === 0 ? [] : await existingCommits(git, repository, others)
  if (commits.length === 0) return new Set(shown)
  const input = [...commits, ...tips.map((tip) => `^${tip}`)].map((line) => `${line}\n`).join('')
  const { stdout } = await git.run({
    gitDir: repository,
    argv: ['rev-list', '--stdin'],
    input,
    maxOutput: 256 * 1024 * 1024,
  })
  const outside = new Set(stdout.toString('latin1').split('\n'))
  return new Set([...shown, ...commits.filter((id) => !outside.has(id))])
}

async function existingCommits(git: HostGit, repository: string, ids: readonly string[]): Promise<string[]> {
  for (const id of ids) requireId(id)
  const argv = ['cat-file', '--batch-check=%(objectname) %(objecttype)', '--buffer']
  const { stdout } = await git.run({ gitDir: repository, argv, input: ids.map((id) => `${id}\n`).join('') })
  const lines = stdout.toString('latin1').split('\n')
  return lines.filter((line) => line.endsWith(' commit')).map((line) => line.slice(0, line.indexOf(' ')))
}
