import { probeBuilt, probeSeccomp, probeTool, weakLimit } from '../on-host/probe-host.ts'
import type { Probe } from '../types.ts'
import type { Engine } from './engine.ts'
import { engineFacts } from './engine-facts.ts'
import type { EngineFacts } from './engine-facts.ts'
import { GVISOR, UNRECORDED } from './limits-in-force.ts'
import { resolveImage } from './resolve-image.ts'

export interface EngineProbe {
  engine: Engine
  guest: string
  image: string
  runtime: string | null
  ownUid: number
}

/** Checks everything that a sandbox needs from the engine, each with its cure. */
export async function probeEngine(given: EngineProbe): Promise<readonly Probe[]> {
  const host = [
    ...(given.runtime === GVISOR ? [] : [probeSeccomp()]),
    await probeTool('git', 'git', 'git'),
    probeBuilt('guest', given.guest),
  ]
  const found = await engineFacts(given.engine).catch((error: Error) => error)
  if (found instanceof Error) return [probe('docker engine', false, ...splitCure(found.message)), ...host]
  return [
    probe('docker engine', true, `${found.podman ? 'Podman' : 'Docker'} ${found.version} at ${given.engine.socket}`),
    await probeImage(given),
    probeRuntime(given.runtime, found),
    probeProfile(found),
    probeLimits(found, given),
    ...weakLimits(found, given),
    probeIds(given, found),
    ...host,
  ]
}

async function probeImage({ engine, image }: EngineProbe): Promise<Probe> {
  try {
    return probe('docker image', true, `${image} is ${(await resolveImage(engine, image)).id}`)
  } catch (error) {
    return probe('docker image', false, ...splitCure((error as Error).message))
  }
}

function probeRuntime(runtime: string | null, { runtimes }: EngineFacts): Probe {
  const found = runtime === null || runtimes.includes(runtime)
  const name = runtime ?? "the engine's default"
  const note = runtime === GVISOR ? '; the actions of steps inside are not recorded' : ''
  const detail = found ? `${name}${note}` : `the engine has no runtime ${name}, only ${runtimes.join(', ')}`
  return probe('docker runtime', found, detail, `install ${name} and name it in the engine's configuration`)
}

function probeProfile({ seccomp }: EngineFacts): Probe {
  const detail = seccomp ? "the engine's default profile, and the guest's own" : 'the engine filters no system calls'
  return probe('docker seccomp', seccomp, detail, 'use an engine with seccomp and its default profile')
}

/** Always found. The detail says which limits the engine enforces. */
function probeLimits({ limits, cgroupVersion }: EngineFacts, { runtime, ownUid }: EngineProbe): Probe {
  const held = Object.entries(limits).map(([name, there]) => `${name}: ${there ? `cgroup-v${cgroupVersion}` : 'none'}`)
  const asRoot = ownUid === 0
  const shared = [
    // Version 1 needs a separate limit for socket buffers, which Glovebox sets in the container's cgroup.
    `socket buffers: ${cgroupVersion === 2 || asRoot ? `cgroup-v${cgroupVersion}, watched` : 'watched'}`,
    'open files: watched',
    `terminals: ${asRoot ? 'devpts' : 'none without root'}`,
    `file watches: ${asRoot ? 'own user id' : "none without root: the account's are shared"}`,
    'kernel pools: system call filter',
    'workspace: watched',
  ]
  const pools = runtime === GVISOR ? ["pools of the kernel: gVisor's own kernel"] : shared
  return probe('docker limits', true, [...held, ...pools].join('; '))
}

function weakLimits({ limits, cgroupVersion }: EngineFacts, { runtime, ownUid }: EngineProbe): readonly Probe[] {
  const missing = Object.entries(limits).filter(([, there]) => !there)
  const asRoot = 'run Glovebox as root'
  return [
    ...missing.map(([name]) =>
      weakLimit(`docker ${name}`, 'none: one run can use up this machine', 'use a kernel with this cgroup controller'),
    ),
    ...(runtime === GVISOR
      ? [weakLimit('docker record', UNRECORDED, 'use another runtime where the record matters more than the wall')]
      : []),
    ...(runtime !== GVISOR && ownUid !== 0
      ? [
          ...(cgroupVersion === 2
            ? []
            : [
                weakLimit(
                  'docker socket buffers',
                  'no cgroup counts them: a run above its part is ended afterwards',
                  asRoot,
                ),
              ]),
          weakLimit('docker terminals', 'none: one run can use up all terminals of this machine', asRoot),
          weakLimit('docker file watches', 'none: one run can use up all that this account may have', asRoot),
        ]
      : []),
  ]
}

function probeIds({ ownUid }: EngineProbe, { rootless, remapsIds }: EngineFacts): Probe {
  if (rootless && ownUid === 0) {
    const cure = "use an engine that runs as root, or run Glovebox as the engine's account"
    return probe(
      'docker user ids',
      false,
      'Glovebox runs as root and the engine does not, so containers could not own their workspaces',
      cure,
    )
  }
  const how = remapsIds
    ? 'the engine maps ids, and Glovebox turns that off for sandboxes'
    : 'the same inside and outside'
  return probe('docker user ids', true, rootless ? "kept as the account's own, which Podman can" : how)
}

function probe(name: string, found: boolean, detail: string, cure: string | null = null): Probe {
  return { name, found, detail, cure: found ? null : cure }
}

/** Splits a message of ours, which ends in `: cure`. */
function splitCure(message: string): [string, string | null] {
  const at = message.lastIndexOf(': ')
  return at < 0 ? [message, null] : [message.slice(0, at), message.slice(at + 2)]
}
