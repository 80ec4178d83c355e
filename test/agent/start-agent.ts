// Starts the real program as a child process, with a real client of its protocol.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk'
import type {
  ClientContext,
  PromptResponse,
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionUpdate,
} from '@agentclientprotocol/sdk'
import type { Settings } from '../../agent/settings.ts'

const MAIN = join(import.meta.dirname, '../../agent/main.ts')

type Child = ChildProcessByStdio<Writable, Readable, Readable>

export interface StartedAgent extends AsyncDisposable {
  child: Child
  /** Exit code and signal. */
  exited: Promise<unknown[]>
  /** The agent's working directory, initially empty. */
  folder: string
  agent: ClientContext
  session: string
  updates: SessionUpdate[]
  stderr(): string
  prompt(text: string): Promise<PromptResponse>
  cancel(): Promise<void>
  /** Waits for a condition; fails if the agent exits before it holds. */
  until(holds: () => boolean): Promise<void>
  /** The text of all messages and of the result of every tool call. */
  said(): string
  told(): string[]
}

export interface AgentOptions {
  wire: Settings['wire']
  url: string
  env?: Record<string, string>
  permit?: (request: RequestPermissionRequest) => RequestPermissionResponse | Promise<RequestPermissionResponse>
}

export function spawnAgent(env: Record<string, string>): Child {
  return spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'pipe' })
}

export async function startAgent({ wire, url, env = {}, permit = allow }: AgentOptions): Promise<StartedAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-agent-'))
  const child = spawnAgent({
    GLOVEBOX_MODEL_WIRE: wire,
    GLOVEBOX_MODEL_URL: url,
    GLOVEBOX_MODEL: 'scripted-1',
    GLOVEBOX_MODEL_KEY: 'dummy-of-this-run',
    ...env,
  })
  const exited = once(child, 'exit')
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const updates: SessionUpdate[] = []
  const connection = client({ name: 'test' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => permit(params))
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .connect(
      ndJsonStream(
        Writable.toWeb(child.stdin) as WritableStream<Uint8Array>,
        Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
      ),
    )
  const { agent } = connection
  await agent.request(methods.agent.initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities: {} })
  const { sessionId: session } = await agent.request(methods.agent.session.new, { cwd: folder, mcpServers: [] })
  return {
    child,
    exited,
    folder,
    agent,
    session,
    updates,
    stderr: () => stderr,
    prompt: (text) =>
      agent.request(methods.agent.session.prompt, { sessionId: session, prompt: [{ type: 'text', text }] }),
    cancel: () => agent.notify(methods.agent.session.cancel, { sessionId: session }),
    until: async (holds) => {
      for (let gone = false; !holds();) {
        if (gone) throw new Error(`the agent ended before: ${stderr}`)
        gone = child.exitCode !== null
        await sleep(10)
      }
    },
    said: () =>
      updates
        .flatMap((update) =>
          update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text' ? [update.content.text] : [],
        )
        .join(''),
    told: () =>
      updates.flatMap((update) =>
        update.sessionUpdate === 'tool_call_update' && update.rawOutput
          ? [`${update.status}: ${(update.rawOutput as { text: string }).text}`]
          : [],
      ),
    async [Symbol.asyncDispose]() {
      // A client ends an agent by closing its standard input, so no test needs to kill one.
      connection.close()
      child.stdin.end()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function allow(): RequestPermissionResponse {
  return { outcome: { outcome: 'selected', optionId: 'allow' } }
}
