// Runs a system tool or one of our programs by argv, with an empty environment and bounded output and time.
import { execFile } from 'node:child_process'

export interface ToolResult {
  ok: boolean
  output: string
}

const TIMEOUT_MS = 10_000
const MAX_OUTPUT_BYTES = 64 * 1024

export function runTool(argv: readonly string[], timeout = TIMEOUT_MS): Promise<ToolResult> {
  const [command = '', ...args] = argv
  const options = { env: { PATH: TOOL_PATH, LC_ALL: 'C' }, timeout, maxBuffer: MAX_OUTPUT_BYTES, cwd: '/' }
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}`.trim() || (error?.message ?? '') })
    })
  })
}

/** Folders of system tools. Never the caller's PATH, which may name folders that others can write. */
export const TOOL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
