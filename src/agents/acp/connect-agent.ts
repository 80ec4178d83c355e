// The client side of the Agent Client Protocol. It offers the agent no file system or terminals of the client: the
// agent does its own work inside the sandbox, where the kernel sees it.
import { client, methods } from '@agentclientprotocol/sdk'
import type { ClientConnection, JsonRpcId } from '@agentclientprotocol/sdk'
import type { Account } from '../account/keep-account.ts'
import type { Bounds } from '../bounds.ts'
import type { DriveOptions } from '../types.ts'
import { CANCELLED, decide, readQuestion } from './answer-permission.ts'
import type { Asked } from './answer-permission.ts'
import { messageStream } from './message-stream.ts'
import type { Incoming } from './message-stream.ts'
import { readUpdate } from './read-update.ts'

export interface AgentConnection {
  agent: ClientConnection['agent']
  /** Resolves when no more messages of the agent will be read. */
  readonly over: Promise<void>
  readonly ended: boolean
  /** Whether the agent's last status update reported a failure. */
  readonly failing: boolean
  /** From now on all permission requests are answered with `cancelled`. */
  stopDeciding(): void
  close(): void
}

const raw = (params: unknown): unknown => params

export function connectAgent(
  { kind, channel, host, signal }: DriveOptions,
  account: Account,
  bounds: Bounds,
): AgentConnection {
  const name = kind.name
  const asked = new Map<JsonRpcId, Asked>()
  let deciding = true
  let failing = false

  /** Returns whether the SDK must handle the message. */
  async function observe(message: Incoming): Promise<boolean> {
    const { method, params } = message
    if (!('id' in message)) {
      if (method === methods.protocol.cancelRequest) return true
      if (method !== methods.client.session.update) return false
      failing = kind.saysFailed?.((params as { update?: unknown } | null)?.update) ?? failing
      const statement = readUpdate(name, params)
      if (statement !== null) await account.hear(statement)
      return false
    }
    if (method === methods.client.session.requestPermission && deciding)
      asked.set(message.id, await readQuestion(name, account, params))
    else await account.refused(method)
    return true
  }

  async function answer(id: JsonRpcId) {
    const question = asked.get(id)
    asked.delete(id)
    if (question === undefined) return CANCELLED
    try {
      const answer = await decide(question, host)
      return deciding && !signal.aborted ? answer : CANCELLED
    } catch (error) {
      if (!signal.aborted) account.fail(error)
      if (!signal.aborted) connection.close(error)
      return CANCELLED
    }
  }

  const messages = messageStream(name, channel, bounds, observe)
  const connection = client({ name: 'glovebox' })
    .onRequest(methods.client.session.requestPermission, raw, ({ requestId }) => answer(requestId))
    .connect(messages.stream)

  return {
    agent: connection.agent,
    over: messages.over,
    get ended() {
      return messages.ended
    },
    get failing() {
      return failing
    },
    stopDeciding: () => void (deciding = false),
    close: () => connection.close(),
  }
}
