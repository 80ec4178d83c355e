// What a task may reach: names, which policies and the configuration give a meaning to.
import { z } from 'zod'
import { own } from './own.ts'

export const ReachName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')

const Host = z
  .string()
  .max(253)
  .regex(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]*\.[a-z0-9-]*[a-z]$/, 'a host name in lower case, such as `git.example.com`')

/** Hosts behind a name. All of them over https, at its usual port, and by their public addresses. */
export const ReachSet = z.strictObject({
  git: z
    .array(Host)
    .max(100)
    .default([])
    .describe('hosts whose repositories may be cloned and fetched: submodules, dependencies from git, Git LFS'),
  read: z.array(Host).max(100).default([]).describe('hosts that files may be read from (GET and HEAD)'),
})
export type ReachSet = z.infer<typeof ReachSet>

/** By name, as the configuration has them. */
export type ReachSets = Readonly<Record<string, ReachSet>>

/** All that these names stand for. */
export function reachOf(names: readonly string[], sets: ReachSets): ReachSet {
  const wanted = names.flatMap((name) => own(sets, name) ?? [])
  return {
    git: [...new Set(wanted.flatMap(({ git }) => git))].toSorted(),
    read: [...new Set(wanted.flatMap(({ read }) => read))].toSorted(),
  }
}
