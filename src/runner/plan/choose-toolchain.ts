// The toolchain that a task names. The built-in one stays mounted beside it for agents and Glovebox's own programs.
import type { Launch } from '../../agents/types.ts'
import { BUILT_IN_TOOLCHAIN } from '../../domain/task/task.ts'
import type { OtherToolchains, Toolchain } from '../../sandbox/types.ts'
import { PlanError } from './plan-error.ts'

export interface ToolchainParts {
  /** The built-in toolchain. */
  toolchain: Toolchain
  otherToolchains: OtherToolchains
}

/** Path of the built-in Node inside, independent of PATH. */
const BUILT_IN_NODE = '/opt/glovebox/node/bin/node'

/** Opens the toolchain. Rejects with PlanError if the machine does not have it. */
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

/**
 * argv of an agent. The agent itself runs on the built-in Node that it was made for; its commands use the project's.
 */
export function agentArgv({ argv }: Pick<Launch, 'argv'>, toolchain: string): readonly string[] {
  return argv[0] === 'node' && toolchain !== BUILT_IN_TOOLCHAIN ? [BUILT_IN_NODE, ...argv.slice(1)] : argv
}
