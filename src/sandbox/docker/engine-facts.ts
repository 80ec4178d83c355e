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

export interface EngineFacts {
  version: string
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
  const answer = Info.safeParse(await ask(engine, () => engine.client.info()))
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
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    limits: { memory: info.MemoryLimit, swap: info.SwapLimit, processes: info.PidsLimit, cpu: info.CPUShares },
    seccomp: options.includes('name=seccomp'),
    rootless: options.includes('name=rootless'),
    remapsIds: options.includes('name=userns'),
    runtimes: Object.keys(info.Runtimes ?? {}),
  }
}
