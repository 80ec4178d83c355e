// The toolchain that a task names. The built-in one stays mounted beside it for agents and Glovebox's own programs.
import type { Launch } from '../../agents/types.ts'
import { rcompare, satisfies } from 'semver'
import { BUILT_IN_TOOLCHAIN, PROJECT_TOOLCHAIN } from '../../domain/task/task.ts'
import type { OtherToolchains, Toolchain } from '../../sandbox/types.ts'
import { PlanError } from './plan-error.ts'
import type { WantedNode } from './wanted-node.ts'

export interface ToolchainParts {
  /** The built-in toolchain. */
  toolchain: Toolchain
  otherToolchains: OtherToolchains
}

/** Path of the built-in Node inside, independent of PATH. */
const BUILT_IN_NODE = '/opt/glovebox/node/bin/node'

/**
 * The name of the toolchain for a task: for `project` the configured one with the highest Node that fits everything that
 * the repository wants. The built-in one is preferred if it fits, and taken if none does; set-up-notes.ts then says so.
 */
export async function nameToolchain(
  asked: string,
  wanted: readonly Pick<WantedNode, 'range'>[],
  { toolchain, otherToolchains }: ToolchainParts,
): Promise<string> {
  if (asked !== PROJECT_TOOLCHAIN) return asked
  const fits = (node: string | undefined) => node !== undefined && wanted.every(({ range }) => satisfies(node, range))
  if (wanted.length === 0 || fits(toolchain.versions['node'])) return BUILT_IN_TOOLCHAIN
  const found: { name: string; node: string }[] = []
  for (const name of otherToolchains.names) {
    // One that is broken or gone from the machine is no candidate; a task that names it is told why.
    const node = (await otherToolchains.open(name).catch(() => null))?.versions['node']
    if (node !== undefined && fits(node)) found.push({ name, node })
  }
  return found.toSorted((one, other) => rcompare(one.node, other.node))[0]?.name ?? BUILT_IN_TOOLCHAIN
}

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
