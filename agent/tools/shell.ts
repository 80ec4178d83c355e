import { z } from 'zod'
import { OWN_VARIABLES } from '../settings.ts'
import { oneLine } from './plain-text.ts'
import { runCommand } from './run-command.ts'
import type { CommandEnd } from './run-command.ts'
import { defineTool } from './types.ts'

const DEFAULT_SECONDS = 120
const MAX_SECONDS = 3600

const schema = z.object({
  command: z.string().min(1).max(100_000).describe('Run by /bin/sh -c, in the working directory.'),
  timeout_seconds: z.number().int().min(1).max(MAX_SECONDS).optional().describe(`The default is ${DEFAULT_SECONDS}.`),
})

export const shell = defineTool(schema, {
  name: 'shell',
  description:
    'Runs a shell command and returns its exit code and output (standard output and error together; the middle of long ' +
    'output is left out). Standard input is empty. Each call starts a new shell.',
  kind: 'execute',
  asks: true,
  announce: ({ command }, cwd) => ({ title: oneLine(command, 200), locations: [{ path: cwd }] }),
  async run({ command, timeout_seconds = DEFAULT_SECONDS }, { cwd, signal }) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.includes(name)))
    const end = await runCommand(['/bin/sh', '-c', command], { cwd, env, timeoutMs: timeout_seconds * 1000, signal })
    const { pid, code, signal: by, ended, outputBytes } = end
    return {
      ok: code === 0 && ended === 'by itself',
      text: [verdict(end, timeout_seconds), end.output].filter(Boolean).join('\n'),
      facts: { pid, exitCode: code, signal: by, ended, outputBytes },
    }
  },
})

function verdict(end: CommandEnd, seconds: number): string {
  if (end.failure !== null) return `The command could not be started: ${end.failure}`
  const left = end.leftRunning ? ' A process that it started still runs in the background.' : ''
  if (end.ended === 'by its time limit') return `Ended after ${seconds} seconds, its time limit.`
  if (end.ended === 'by cancel') return 'Cancelled.'
  return (end.signal === null ? `Exit code ${end.code}.` : `Ended by ${end.signal}.`) + left
}
