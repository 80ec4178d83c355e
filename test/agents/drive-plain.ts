import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { AgentScene } from './agent-scene.ts'
import { startAgent } from './agent-process.ts'

export interface PlainTurn {
  exitCode: number | null
  /** Its JSON event stream. */
  events: Record<string, unknown>[]
  errors: string
}

/** One command with the prompt as an argument and nothing on standard input. */
export async function drivePlain(scene: AgentScene): Promise<PlainTurn> {
  const child = startAgent(scene, scene.launch.plain)
  child.stdin.end()
  const [[exitCode], output, errors] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  const lines = output.split('\n').filter((line) => line !== '')
  return { exitCode: exitCode as number | null, events: lines.map((line) => JSON.parse(line)), errors }
}
