// Drives an agent as a child process, like the runner drives one in a sandbox, and keeps its facts in memory.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { BOUNDS } from '../../src/agents/bounds.ts'
import type { Bounds } from '../../src/agents/bounds.ts'
import { driveAgent, driveWithin } from '../../src/agents/drive-agent.ts'
import type {
  AgentChannel,
  AgentFact,
  AgentHost,
  AgentKind,
  AgentOutcome,
  Launch,
  LaunchOptions,
  ModelAddress,
  PermissionRequest,
} from '../../src/agents/types.ts'
import { EVENT_BODIES, MAX_LEAF_BYTES } from '../../src/domain/event.ts'

export const MODEL: ModelAddress = {
  connection: 'main',
  model: 'scripted-1',
  wire: 'anthropic-messages',
  url: 'http://127.0.0.1:1/models/main',
  dummyKey: 'dummy-of-this-run',
}

export interface DriveChildOptions {
  kind: AgentKind
  launch: Launch
  cwd?: string
  model?: ModelAddress
  prompt?: string
  bounds?: Partial<Bounds>
  signal?: AbortSignal
  startMs?: number
  graceMs?: number
  env?: Readonly<Record<string, string>>
  permit?: (request: PermissionRequest) => boolean | Promise<boolean>
  /** Called before a fact counts as recorded. */
  recording?: (fact: AgentFact) => void | Promise<void>
}

export interface Driven extends AgentOutcome {
  facts: AgentFact[]
  kinds: string[]
  bodies<K extends AgentFact['kind']>(kind: K): Extract<AgentFact, { kind: K }>['body'][]
  blobs: Map<string, string>
  stderr: string
}

export function launchOptions(changes: Partial<LaunchOptions> = {}): LaunchOptions {
  const places = { folder: null, home: '/home/glovebox', cwd: '/workspace/repo' }
  return { model: MODEL, ...places, maxTurns: 20, prompt: 'Fix it.', ...changes }
}

export async function driveChild(options: DriveChildOptions): Promise<Driven> {
  const { kind, launch, cwd = process.cwd(), model = MODEL, prompt = 'Fix it.', bounds } = options
  const [program, ...args] = launch.argv
  const env = { PATH: process.env['PATH'] ?? '', ...launch.env, ...options.env }
  const child = spawn(program === 'node' ? process.execPath : (program as string), args, { cwd, env, stdio: 'pipe' })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit').then(([code]) => ({ signalled: code === null, status: Number(code ?? 9) }))
  const channel: AgentChannel = {
    write: (bytes) =>
      new Promise((resolve, reject) => child.stdin.write(bytes, (error) => (error ? reject(error) : resolve()))),
    end: () => new Promise((resolve) => child.stdin.end(() => resolve())),
    output: child.stdout,
    ended,
  }
  const { host, facts, blobs } = memoryHost(options)
  const { signal = new AbortController().signal, startMs = 20_000, graceMs = 20_000 } = options
  try {
    const drive = bounds === undefined ? driveAgent : driveWithin({ ...BOUNDS, ...bounds })
    const outcome = await drive({ kind, launch, channel, host, model, cwd, prompt, signal, graceMs, startMs })
    const bodies = (wanted: string) => facts.filter(({ kind }) => kind === wanted).map(({ body }) => body)
    return {
      ...outcome,
      facts,
      kinds: facts.map(({ kind }) => kind),
      bodies: bodies as Driven['bodies'],
      blobs,
      stderr,
    }
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

function memoryHost({ permit = () => true, recording, signal }: DriveChildOptions) {
  const facts: AgentFact[] = []
  const blobs = new Map<string, string>()
  let ids = 0
  const host: AgentHost = {
    async record(fact) {
      await recording?.(fact)
      EVENT_BODIES[fact.kind].parse({ step: 0, ...fact.body })
      if (JSON.stringify(fact).length > MAX_LEAF_BYTES - 1000) throw new Error(`too large for a leaf: ${fact.kind}`)
      facts.push(fact)
    },
    async keep(bytes) {
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const
      blobs.set(digest, Buffer.from(bytes).toString())
      return digest
    },
    async permit(request) {
      const aborted = new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
      })
      return Promise.race([permit(request), aborted])
    },
    newId: () => `ask-${++ids}`,
  }
  return { host, facts, blobs }
}
