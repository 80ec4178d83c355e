// Measuring of folders that a step closed to their owner (mode 300 or 000). Capabilities in a user namespace over the
// files allow it. The account that started a sandbox has them in the sandbox's namespace, and may have them in its own.
import { join } from 'node:path'
import { z } from 'zod'
import type { MeasureBounds, TreeSize } from './measure-tree.ts'
import { runTool } from './run-tool.ts'

const COUNTER = join(import.meta.dirname, 'count-tree.ts')
const TIMEOUT_MS = 120_000

const Counted = z.object({
  bytes: z.number(),
  entries: z.number(),
  closed: z.number(),
  unbounded: z.string().nullable(),
}) satisfies z.ZodType<TreeSize>

/**
 * `namespace`: a process of the sandbox, or `own` if the sandbox has no user namespace. Resolves with null if this
 * fails.
 */
export async function measureClosed(
  enter: string,
  namespace: number | 'own',
  path: string,
  bounds: MeasureBounds,
): Promise<TreeSize | null> {
  const counter = [process.execPath, COUNTER, path, JSON.stringify(bounds)]
  const { ok, output } = await runTool([enter, String(namespace), '--', ...counter], TIMEOUT_MS)
  return ok ? Counted.parse(JSON.parse(output)) : null
}
