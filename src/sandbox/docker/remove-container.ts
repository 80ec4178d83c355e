import { setTimeout as sleep } from 'node:timers/promises'
import { SandboxError } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask, statusOfError } from './engine.ts'
import { DIRECTORY_LABEL, INSTANCE_LABEL, readLabels } from './container-labels.ts'

const POLL_MS = 20
const DEADLINE_MS = 30_000

/** Ends and removes a container; resolves when the engine does not know it any more. */
async function removeContainer(engine: Engine, id: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    const refusal = await attempt(engine, id)
    if (refusal === null) return
    if (performance.now() > deadline)
      throw new SandboxError('not-ended', `container ${id} can't be removed: ${refusal.message}`, { cause: refusal })
    await sleep(POLL_MS)
  }
}

/**
 * Resolves with null when the container is gone. Status 409: removal in progress. Status 500: the container was just
 * ending.
 */
async function attempt(engine: Engine, id: string): Promise<Error | null> {
  try {
    await ask(engine, () => engine.client.getContainer(id).remove({ force: true, v: true }))
    return null
  } catch (error) {
    const status = statusOfError(error)
    if (status === 404) return null
    if (status === 409 || status === 500) return error as Error
    throw error
  }
}

/** Removes the container of a sandbox directory, if there is one. */
export async function removeContainerOf(engine: Engine, directory: string): Promise<void> {
  for (const { Id } of await labelled(engine, DIRECTORY_LABEL, directory)) await removeContainer(engine, Id)
}

/** Removes the containers of an instance whose Glovebox process has ended; returns their runs. */
export async function reapContainers(engine: Engine, instance: string): Promise<string[]> {
  const found = await labelled(engine, INSTANCE_LABEL, instance)
  const left = found.map(({ Id, Labels }) => readLabels(Id, Labels)).filter(({ owned }) => !owned)
  for (const { id } of left) await removeContainer(engine, id)
  return left.map(({ run }) => run)
}

function labelled(engine: Engine, label: string, value: string) {
  const filters = { label: [`${label}=${value}`] }
  return ask(engine, () => engine.client.listContainers({ all: true, filters }))
}
