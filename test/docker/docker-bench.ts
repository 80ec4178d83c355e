// Shared by the tests of this folder: the engine, or null without one.
import { openEngine } from '../../src/sandbox/docker/engine.ts'
import { openTestEngine } from './engine.ts'

const opened = await openTestEngine()
if (typeof opened === 'string') process.stderr.write(`the tests of the sandbox kind docker are left out: ${opened}\n`)

/** null: docker tests are skipped. */
export const ENGINE = typeof opened === 'string' ? null : opened

/** Why docker tests are skipped. */
export const NO_ENGINE = typeof opened === 'string' ? opened : null

/** The engine, for tests that run only with one. */
export function theEngine(): NonNullable<typeof ENGINE> {
  if (ENGINE === null) throw new Error('there is no engine')
  return ENGINE
}

export async function containersWith(label: string): Promise<{ id: string; state: string }[]> {
  const { client } = await openEngine(theEngine().socket)
  const found = await client.listContainers({ all: true, filters: { label: [label] } })
  return found.map(({ Id, State }) => ({ id: Id, state: State }))
}
