// For the tests of tools: a disposable folder, and tool calls in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tool, ToolContext, ToolOutcome } from './types.ts'

export interface TestFolder extends Disposable {
  path: string
  try(tool: Tool, input: unknown, signal?: ToolContext['signal']): Promise<ToolOutcome>
}

export function testFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'glovebox-tool-'))
  return {
    path,
    try: async (tool, input, signal = new AbortController().signal) =>
      tool.run(tool.schema.parse(input) as never, { cwd: path, signal }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
