import { ENTER } from '../on-host/enter-program.ts'
import { DEFAULT_UIDS } from '../on-host/host-uid.ts'
import type { UidRange } from '../on-host/host-uid.ts'
import { reapSandboxes } from '../on-host/reap-sandboxes.ts'
import type { SandboxProvider } from '../types.ts'
import { SandboxError } from '../types.ts'
import { openEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { engineFacts } from './engine-facts.ts'
import type { EngineFacts } from './engine-facts.ts'
import { probeEngine } from './probe-engine.ts'
import { reapContainers, removeContainerOf } from './remove-container.ts'
import { startContainer } from './start-container.ts'

export interface DockerOptions {
  /** Host path of the guest program. */
  guest: string
  /** Path of the unix socket of a Docker Engine, or of Podman's compatible service, on this host. */
  socket: string
  /** Name, tag or digest of an image that the engine already has. */
  image: string
  /** Default: the engine's default runtime. */
  runtime?: string | null
  /** The uids that sandboxes get on the host when Glovebox runs as root. */
  uids?: UidRange
  uidLocks?: string
  ownUid?: number
  ownGid?: number
}

/** Sandboxes as containers of a Docker Engine on this host. */
export function createDocker(options: DockerOptions): SandboxProvider {
  const { guest, socket, image, runtime = null, uids = DEFAULT_UIDS, uidLocks = '/run/glovebox/uids' } = options
  const { ownUid = process.getuid?.() ?? -1, ownGid = process.getgid?.() ?? -1 } = options
  let opened: Promise<Engine> | null = null
  const engine = () => (opened ??= openEngine(socket))
  /** Sandbox directories whose containers could not be removed, because the engine went away. */
  const left = new Set<string>()
  const leftBehind = (directory: string) => void left.add(directory)
  const machine = async (facts: EngineFacts) =>
    ({
      guest,
      enter: ENTER,
      image,
      runtime,
      uids,
      uidLocks,
      ownUid,
      ownGid,
      facts,
      leftBehind,
      engine: await engine(),
    }) as const
  /** Folders whose leftovers could not be reaped, because the engine did not answer. */
  const unreaped = new Set<string>()

  async function reapLeft(): Promise<string[]> {
    const found: string[] = []
    for (const root of unreaped) {
      found.push(...(await reapContainers(await engine(), root)))
      unreaped.delete(root)
    }
    for (const directory of left) {
      await removeContainerOf(await engine(), directory)
      left.delete(directory)
    }
    return found
  }

  return {
    kind: 'docker',
    probe: async () => probeEngine({ engine: await engine(), guest, image, runtime, ownUid }),
    async start(spec, signal) {
      const facts = await engineFacts(await engine())
      await reapLeft()
      return startContainer(spec, await machine(facts), signal)
    },
    async reap(root) {
      unreaped.add(root)
      const containers = await reapLeft().catch(laterOr)
      return [...new Set([...containers, ...(await reapSandboxes(root))])]
    },
  }
}

/**
 * An engine that is down must not stop Glovebox's other work, so containers are removed before the next start instead.
 */
function laterOr(error: unknown): string[] {
  const unreachable = error instanceof SandboxError && ['engine-unavailable', 'engine-forbidden'].includes(error.code)
  if (unreachable) return []
  throw error
}
