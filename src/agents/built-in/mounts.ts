// The mounts of the built-in agent: its sources and the packages that it imports. Nothing is built: Node strips the
// types from the sources as it loads them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { closureOf } from './closure.ts'

const ROOT = '/opt/glovebox'

/** Path of the agent's program inside the sandbox, to be started with Node. */
export const BUILT_IN_AGENT_PROGRAM = `${ROOT}/agent/main.ts`

/** The mounts, all read-only. `project`: the folder of Glovebox itself. */
export async function builtInAgentMounts(project: string): Promise<{ source: string; target: string }[]> {
  const [manifest, lock] = await Promise.all([
    readFile(join(project, 'agent/package.json'), 'utf8'),
    readFile(join(project, 'package-lock.json'), 'utf8'),
  ])
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> }
  const closure = closureOf(Object.keys(dependencies), lock).map(({ path }) => path)
  // A package nested inside another one is part of that mount.
  const folders = closure.filter((path) => !closure.some((other) => path.startsWith(`${other}/`)))
  return ['agent', ...folders].map((path) => ({ source: join(project, path), target: `${ROOT}/${path}` }))
}
