import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import type {
  ClientCapabilities,
  PermissionOptionKind,
  PromptRequest,
  PromptResponse,
  SessionUpdate,
} from '@agentclientprotocol/sdk'
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk'
import type { AgentScene } from './agent-scene.ts'
import { PROMPT } from './agent-scene.ts'
import { startAgent } from './agent-process.ts'

export interface AcpTurn {
  protocolVersion: number
  stopReason: PromptResponse['stopReason']
  updates: SessionUpdate[]
  /** Titles of the tool calls for which it asked. */
  asked: string[]
  exitCode: number | null
}

export interface AcpOptions {
  answer: PermissionOptionKind
  /** Cancels the turn when this is fulfilled. */
  cancelAfter?: Promise<unknown>
}

type Ended = Pick<AcpTurn, 'protocolVersion' | 'stopReason'>

/** One prompt in one session, with nothing offered that the agent could use outside itself. */
export async function driveAcp(scene: AgentScene, options: AcpOptions): Promise<AcpTurn> {
  const child = startAgent(scene, scene.launch.acp)
  child.stderr.resume()
  const closed = once(child, 'close')
  const updates: SessionUpdate[] = []
  const asked: string[] = []
  const app = client({ name: 'glovebox-test' })
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      asked.push(params.toolCall.title ?? '')
      const option = params.options.find(({ kind }) => kind === options.answer)
      return { outcome: option ? { outcome: 'selected', optionId: option.optionId } : { outcome: 'cancelled' } }
    })
  const stream = ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout))
  const { protocolVersion, stopReason } = await app.connectWith<Ended>(stream, async (agent) => {
    const clientCapabilities: ClientCapabilities = {
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
    }
    const initialized = await agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities,
    })
    const { sessionId } = await agent.request(methods.agent.session.new, { cwd: scene.repository, mcpServers: [] })
    const modeId = scene.launch.askingMode
    if (modeId !== undefined) await agent.request(methods.agent.session.setMode, { sessionId, modeId })
    void options.cancelAfter?.then(() => agent.notify(methods.agent.session.cancel, { sessionId }))
    const prompt: PromptRequest['prompt'] = [{ type: 'text', text: PROMPT }]
    const ended = await agent.request(methods.agent.session.prompt, { sessionId, prompt })
    return { protocolVersion: initialized.protocolVersion, stopReason: ended.stopReason }
  })
  child.stdin.end()
  const [exitCode] = (await closed) as [number | null]
  return { protocolVersion, stopReason, updates, asked, exitCode }
}
