/**
 * git keeps a branch as a file: beside `a` there can be no `a/b`. The branch that is in the way of `name`, or null. A
 * branch of the same name is not.
 */
export function conflictingBranch(name: string, branches: Iterable<string>): string | null {
  for (const branch of branches) if (name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`)) return branch
  return null
}
