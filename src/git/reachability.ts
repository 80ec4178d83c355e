// Answers which commits the refs of a run reach. Borrowed objects would otherwise make every object of the mirror readable
// by its id.
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'

/** `env` shows git the objects that are not in the repository yet. */
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

/** Returns those ids that are tips or commits reachable from the tips, without unknown ids and other objects. */
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
