import { runTool } from './run-tool.ts'
import type { RunShares } from './run-shares.ts'

/** What could be bounded: `terminals`, and names of user settings. */
export type BoundsInForce = ReadonlySet<string>

/**
 * Bounds what belongs to the namespaces of a sandbox that is up, and that no option of bwrap or of an engine bounds.
 * `pid` is a process of it; it may still be the command `maker`, which is waited for. A kernel without the thing, or a system that keeps us out, leaves it unbounded: the
 * coverage report says so. The user settings are left alone where they would be those of the machine.
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
