// Every attempt of the battery: the arrays that test/hostile/attempts/GROUP/*.ts export.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Attempt, AttemptGroup } from './attempt.ts'

/** In the order of the table in docs/threat-model.md. */
export const GROUPS: readonly AttemptGroup[] = [
  ...(['host', 'escape', 'exhaustion', 'network', 'registries', 'models', 'git', 'record'] as const),
]

export async function loadAttempts(group: AttemptGroup): Promise<readonly Attempt[]> {
  const files = globSync(join(import.meta.dirname, 'attempts', group, '*.ts')).toSorted()
  const modules = await Promise.all(files.map((file) => import(file) as Promise<Record<string, unknown>>))
  const attempts = modules.flatMap((exported) => Object.values(exported).filter(Array.isArray).flat() as Attempt[])
  const strays = attempts.filter((attempt) => attempt.group !== group).map(({ id }) => id)
  if (strays.length > 0) throw new Error(`not of the group \`${group}\`: ${strays.join(', ')}`)
  return attempts
}

export async function loadAllAttempts(): Promise<readonly Attempt[]> {
  const attempts = (await Promise.all(GROUPS.map(loadAttempts))).flat()
  const ids = attempts.map(({ id }) => id)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  if (twice.length > 0) throw new Error(`more than one attempt is called ${twice.join(', ')}`)
  return attempts
}
