// Finds an agent's package on this host, and its read-only place inside the sandbox.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { builtInAgentMounts } from './built-in/mounts.ts'
import type { AgentKind, InstalledAgent } from './types.ts'
import { own } from '../domain/own.ts'

const INSIDE = '/opt/glovebox/agents'

export interface AgentPlaces {
  /** The folder of Glovebox itself. */
  project: string
  /** Agent name to folder, from the configuration. */
  configured: Readonly<Record<string, string>>
  /** Parent folder, in which each agent may have a folder with its name. */
  shared: string
  /** Whether the sandbox is made from an image, which may contain programs that are not mounted. */
  hasImage: boolean
}

/** Rejects with a sentence that names the cure if the agent is not found. */
export async function findInstalled(kind: AgentKind, places: AgentPlaces): Promise<InstalledAgent> {
  const configured = own(places.configured, kind.name)
  const source = configured ?? join(places.shared, kind.name)
  const installHint = kind.installHint.replaceAll('<folder>', source)
  if (kind.name === 'built-in') return { mounts: await builtInAgentMounts(places.project), folder: null, installHint }
  const found = await isThere(kind.program === null ? source : join(source, kind.program))
  if (found) {
    const folder = `${INSIDE}/${kind.name}`
    return { mounts: [{ source, target: folder }], folder, installHint }
  }
  // An operator's own command, or a program of the image.
  if (configured === undefined && (kind.program === null || places.hasImage))
    return { mounts: [], folder: null, installHint }
  throw new Error(`${kind.title} is not installed in ${source}; install it with: ${installHint}`)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
