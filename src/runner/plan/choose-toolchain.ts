// The toolchain that a task names, beside the built-in one, which agents and Glovebox's own programs are started with.
import type { Launch } from '../../agents/types.ts'
import { BUILT_IN_TOOLCHAIN } from '../../domain/task/task.ts'
import type { OtherToolchains, Toolchain } from '../../sandbox/types.ts'
import { PlanError } from './plan-error.ts'

export interface ToolchainParts {
  /** The built-in one. */
  toolchain: Toolchain
  otherToolchains: OtherToolchains
}

/** Where the built-in toolchain's Node is inside, whatever PATH finds. */
const BUILT_IN_NODE = '/opt/glovebox/node/bin/node'

/** Rejects with PlanError where the machine does not have it. */
export async function chooseToolchain(
  name: string,
  { toolchain, otherToolchains }: ToolchainParts,
): Promise<Toolchain> {
  if (name === BUILT_IN_TOOLCHAIN) return toolchain
  const other = await otherToolchains.open(name).catch((error: unknown) => {
    throw new PlanError(error instanceof Error ? error.message : String(error))
  })
  return { ...other, mounts: [...toolchain.mounts, ...other.mounts] }
}

/** An agent is not part of the project: it keeps the Node that it was made for, and its commands get the project's. */
export function agentArgv({ argv }: Pick<Launch, 'argv'>, toolchain: string): readonly string[] {
  return argv[0] === 'node' && toolchain !== BUILT_IN_TOOLCHAIN ? [BUILT_IN_NODE, ...argv.slice(1)] : argv
}
