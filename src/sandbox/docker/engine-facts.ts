import { z } from 'zod'
import { SandboxError } from '../types.ts'
import type { Engine } from './engine.ts'
import { ask } from './engine.ts'

/** What of GET /info decides how a sandbox is made and what its limits are worth. */
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
  /** false: the engine's kernel can't hold it. */
  limits: { memory: boolean; swap: boolean; processes: boolean; cpu: boolean }
  seccomp: boolean
  /** It runs as an ordinary account, in a user namespace. */
  rootless: boolean
  /** It maps the ids of containers to others (`userns-remap`). */
  remapsIds: boolean
  runtimes: readonly string[]
}

export async function engineFacts(engine: Engine): Promise<EngineFacts> {
  const [told, version] = await ask(engine, () => Promise.all([engine.client.info(), engine.client.version()]))
  const answer = Info.safeParse(told)
  if (!answer.success)
    throw new SandboxError(
      'engine-unavailable',
      `what answers at ${engine.socket} is no Docker engine: set sandbox.socket to the socket of one`,
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
