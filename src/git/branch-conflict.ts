/**
 * Returns the first branch that prevents a branch called `name`, or null. git stores a branch as a file, so `a` and `a/b`
 * cannot both exist. A branch with exactly the same name does not count.
 */
export function conflictingBranch(name: string, branches: Iterable<string>): string | null {
  for (const branch of branches) if (name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`)) return branch
  return null
}
