// The agent side of the Agent Client Protocol.
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { agent, methods, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk'
import type { AgentApp, AgentContext, NewSessionRequest, PromptRequest, PromptResponse } from '@agentclientprotocol/sdk'
import { ModelFailure } from './model-failure.ts'
import { promptText } from './prompt-text.ts'
import { runTurn } from './run-turn.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'

const NAME = 'glovebox-agent'
const MAX_SESSIONS = 100

export interface CreatedAgent {
  app: AgentApp
  /** Cancels every running prompt. */
  cancelAll(): void
}

export function createAgent(settings: Settings): CreatedAgent {
  const sessions = new Map<string, Session>()

  function sessionOf(id: string): Session {
    const session = sessions.get(id)
    if (session === undefined) throw RequestError.sessionNotFound(id)
    return session
  }

  async function open(request: NewSessionRequest): Promise<{ sessionId: string }> {
    if (sessions.size >= MAX_SESSIONS) throw RequestError.invalidRequest(undefined, 'too many sessions')
    await checkSession(request)
    const id = randomUUID()
    sessions.set(id, { id, cwd: request.cwd, history: [], running: null, calls: 0 })
    return { sessionId: id }
  }

  async function prompt(request: PromptRequest, client: AgentContext, cancelled: AbortSignal): Promise<PromptResponse> {
    const session = sessionOf(request.sessionId)
    if (session.running !== null)
      throw RequestError.invalidRequest(undefined, 'a prompt of this session is still running')
    const text = promptText(request.prompt)
    const running = new AbortController()
    session.running = running
    try {
      const signal = AbortSignal.any([running.signal, cancelled])
      return await runTurn({ session, client, settings, signal }, text)
    } catch (error) {
      throw asRequestError(error)
    } finally {
      session.running = null
    }
  }

  const app = agent({ name: NAME })
    // The answer to an unknown version is our own version; a client that does not support it disconnects.
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: NAME, version: '0.1.0' },
      agentCapabilities: { loadSession: false },
      authMethods: [],
    }))
    .onRequest(methods.agent.session.new, ({ params }) => open(params))
    .onRequest(methods.agent.session.prompt, ({ params, client, signal }) => prompt(params, client, signal))
    .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.running?.abort())

  return {
    app,
    cancelAll() {
      for (const session of sessions.values()) session.running?.abort()
    },
  }
}

async function checkSession({ cwd, mcpServers }: NewSessionRequest): Promise<void> {
  if (mcpServers.length > 0) throw RequestError.invalidParams(undefined, 'this agent does not support MCP servers')
  if (!isAbsolute(cwd)) throw RequestError.invalidParams(undefined, 'cwd must be absolute')
  const found = await stat(cwd).catch(() => null)
  if (found?.isDirectory() !== true) throw RequestError.invalidParams(undefined, `cwd ${cwd} is not a folder`)
}

/** Uses code -32603 (internal error), since the protocol's own codes mean other things, such as a required login. */
function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  if (error instanceof ModelFailure) return new RequestError(-32603, error.message, { status: error.status })
  return new RequestError(-32603, `The agent failed: ${error instanceof Error ? error.message : String(error)}`)
}
