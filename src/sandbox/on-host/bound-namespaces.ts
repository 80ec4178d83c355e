import { runTool } from './run-tool.ts'
import type { RunShares } from './run-shares.ts'

/** Names of the bounds that could be set: `terminals`, and names of user settings. */
export type BoundsInForce = ReadonlySet<string>

/**
 * Sets bounds in the namespaces of a running sandbox that no option of bwrap or of an engine sets. `pid` is a process
 * of the sandbox. It may still be the command `maker`; then this function waits until it is not. If the kernel lacks a
 * bound or the system forbids it, it stays unset and the coverage report says so. Does not set user settings that would
 * apply to the whole machine.
 */
export async function boundNamespaces(
  enter: string,
  pid: number,
  { terminals, userSettings }: Pick<RunShares, 'terminals' | 'userSettings'>,
  maker: string | null = null,
): Promise<BoundsInForce> {
  const settings = Object.entries(userSettings).flatMap(([name, value]) => ['--user-setting', name, String(value)])
  const after = maker === null ? [] : ['--after', maker]
  const { output } = await runTool([enter, String(pid), ...after, '--terminals', String(terminals), ...settings])
  const wanted = new Set(['terminals', ...Object.keys(userSettings)])
  return new Set(output.split('\n').filter((line) => wanted.has(line)))
}
