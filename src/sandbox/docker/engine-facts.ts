import { z } from 'zod'
import { SandboxError } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask } from './engine.ts'

/** The fields of GET /info that decide how a sandbox is created and how strong its limits are. */
const Info = z.object({
  ServerVersion: z.string(),
  CgroupVersion: z.string().default('1'),
  MemoryLimit: z.boolean().default(false),
  SwapLimit: z.boolean().default(false),
  PidsLimit: z.boolean().default(false),
  CPUShares: z.boolean().default(false),
  SecurityOptions: z.array(z.string()).nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
})

const Version = z.object({ Components: z.array(z.object({ Name: z.string() })).nullish() })

export interface EngineFacts {
  version: string
  podman: boolean
  cgroupVersion: 1 | 2
  /** false: the engine's kernel can't enforce it. */
  limits: { memory: boolean; swap: boolean; processes: boolean; cpu: boolean }
  seccomp: boolean
  /** The engine runs as an ordinary account, in a user namespace. */
  rootless: boolean
  /** The engine maps ids of containers to other host ids (`userns-remap`). */
  remapsIds: boolean
  runtimes: readonly string[]
}

export async function engineFacts(engine: Engine): Promise<EngineFacts> {
  const [told, version] = await ask(engine, () => Promise.all([engine.client.info(), engine.client.version()]))
  const answer = Info.safeParse(told)
  if (!answer.success)
    throw new SandboxError(
      'engine-unavailable',
      `the service at ${engine.socket} is not a Docker engine: set sandbox.socket to the socket of a Docker engine`,
      { cause: answer.error },
    )
  const info = answer.data
  const options = (info.SecurityOptions ?? []).map((option) => option.split(',')[0])
  return {
    version: info.ServerVersion,
    podman: (Version.parse(version).Components ?? []).some(({ Name }) => Name.startsWith('Podman')),
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    limits: { memory: info.MemoryLimit, swap: info.SwapLimit, processes: info.PidsLimit, cpu: info.CPUShares },
    seccomp: options.includes('name=seccomp'),
    rootless: options.includes('name=rootless'),
    remapsIds: options.includes('name=userns'),
    runtimes: Object.keys(info.Runtimes ?? {}),
  }
}
