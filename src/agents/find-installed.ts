// Where an agent's package is on this host, and where a sandbox sees it: read-only.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { builtInAgentMounts } from './built-in/mounts.ts'
import type { AgentKind, InstalledAgent } from './types.ts'
import { own } from '../domain/own.ts'

const INSIDE = '/opt/glovebox/agents'

export interface AgentPlaces {
  /** The folder of Glovebox itself. */
  project: string
  /** Agent to folder, as the configuration names them. */
  configured: Readonly<Record<string, string>>
  /** Below it each agent may have a folder of its name. */
  shared: string
  /** Whether programs that are not mounted can be there: the sandbox is made of an image. */
  hasImage: boolean
}

/** Rejects with a sentence that names the cure when the agent is nowhere. */
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
  // An operator's own command, or one that the image has.
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
