// What a sandbox is shown so that the built-in agent runs in it: the agent, and beside it what it imports. Nothing is
// built: Node takes the types out of the sources as it reads them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { closureOf } from './closure.ts'

const ROOT = '/opt/glovebox'

/** To be started with Node, inside. */
export const BUILT_IN_AGENT_PROGRAM = `${ROOT}/agent/main.ts`

/** `project` is the folder of Glovebox itself. All of them are read-only. */
export async function builtInAgentMounts(project: string): Promise<{ source: string; target: string }[]> {
  const [manifest, lock] = await Promise.all([
    readFile(join(project, 'agent/package.json'), 'utf8'),
    readFile(join(project, 'package-lock.json'), 'utf8'),
  ])
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> }
  const closure = closureOf(Object.keys(dependencies), lock).map(({ path }) => path)
  // What is installed inside of another package comes along with it.
  const folders = closure.filter((path) => !closure.some((other) => path.startsWith(`${other}/`)))
  return ['agent', ...folders].map((path) => ({ source: join(project, path), target: `${ROOT}/${path}` }))
}
