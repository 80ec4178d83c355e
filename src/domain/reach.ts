// The `reach` of a task: names that policies and the configuration map to hosts.
import { z } from 'zod'
import { own } from './own.ts'

export const ReachName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')

const Host = z
  .string()
  .max(253)
  .regex(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]*\.[a-z0-9-]*[a-z]$/, 'a host name in lower case, such as `git.example.com`')

/** The hosts of a name. They are reachable over https only, at port 443, and only at public addresses. */
export const ReachSet = z.strictObject({
  git: z
    .array(Host)
    .max(100)
    .default([])
    .describe('hosts whose repositories may be cloned and fetched: submodules, dependencies from git, Git LFS'),
  read: z.array(Host).max(100).default([]).describe('hosts of files to read (GET and HEAD)'),
})
export type ReachSet = z.infer<typeof ReachSet>

/** Reach sets by name, from the configuration. */
export type ReachSets = Readonly<Record<string, ReachSet>>

/** The union of the sets with these names. Unknown names are ignored. */
export function reachOf(names: readonly string[], sets: ReachSets): ReachSet {
  const wanted = names.flatMap((name) => own(sets, name) ?? [])
  return {
    git: [...new Set(wanted.flatMap(({ git }) => git))].toSorted(),
    read: [...new Set(wanted.flatMap(({ read }) => read))].toSorted(),
  }
}
