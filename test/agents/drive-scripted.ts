import { join } from 'node:path'
import type { AgentKind, SessionOpening } from '../../src/agents/types.ts'
import { driveChild, launchOptions } from './drive-child.ts'
import type { DriveChildOptions, Driven } from './drive-child.ts'

const PROGRAM = join(import.meta.dirname, 'scripted-agent.ts')

export function driveScripted(
  behaviour: string,
  { opening, ...options }: Omit<DriveChildOptions, 'kind' | 'launch'> & { opening?: SessionOpening } = {},
): Promise<Driven> {
  const kind: AgentKind = {
    name: 'scripted',
    title: 'Scripted agent',
    protocol: 'acp',
    wires: ['openai-chat'],
    installHint: 'npm install scripted-agent',
    program: null,
    launch: () => ({
      argv: ['node', PROGRAM, behaviour],
      env: {},
      files: [],
      stdin: null,
      ...(opening && { opening }),
    }),
  }
  return driveChild({ kind, launch: kind.launch(launchOptions()), ...options })
}
