// Opens a session: initialize, sign in if needed, session/new, mode. Each request has a timeout, against silent agents.
import { methods, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk'
import type { ClientConnection } from '@agentclientprotocol/sdk'
import { AgentFault } from '../agent-fault.ts'
import type { DriveOptions } from '../types.ts'
import { within } from '../within.ts'
import { readInitialized, readSession } from './read-answers.ts'
import type { Initialized } from './read-answers.ts'

export interface OpenedSession {
  title: string
  version: string
  session: string
}

/** Error code of the protocol: the user must sign in first. */
const AUTH_REQUIRED = -32000

type Ask = <T>(what: string, answer: Promise<T>) => Promise<T>

export async function openSession(
  { kind, launch, cwd, startMs }: DriveOptions,
  agent: ClientConnection['agent'],
): Promise<OpenedSession> {
  const { name, installHint } = kind
  const opening = launch.opening ?? {}

  const ask: Ask = (what, answer) =>
    within(answer, startMs, () => {
      throw new AgentFault(
        `${name} did not answer ${what} within ${startMs / 1000} seconds. Does its command start it for the Agent Client Protocol? ${installHint}`,
      )
    })

  const initialized = readInitialized(
    name,
    await ask(
      'the initialize request',
      agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: 'glovebox', title: 'Glovebox', version: '0.1.0' },
      }),
    ),
  )
  if (initialized.version !== PROTOCOL_VERSION)
    throw new AgentFault(
      `${name} speaks version ${initialized.version} of the Agent Client Protocol, Glovebox speaks ${PROTOCOL_VERSION}. Install a version of it that speaks ${PROTOCOL_VERSION}: ${installHint}`,
    )

  const open = () =>
    ask(
      'the request for a session',
      agent.request(methods.agent.session.new, {
        cwd,
        mcpServers: [],
        ...(opening.meta === undefined ? {} : { _meta: { ...opening.meta } }),
      }),
    )
  let answer: unknown
  try {
    answer = await open()
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== AUTH_REQUIRED) throw error
    const methodId = methodWithoutPerson(name, initialized, opening.signIn ?? [])
    await ask('the request to sign in', agent.request(methods.agent.authenticate, { methodId }))
    answer = await open()
  }
  const session = readSession(name, answer)

  const { mode } = opening
  if (mode !== undefined && mode !== session.mode) {
    if (!session.modes.includes(mode))
      throw new AgentFault(
        `${name} does not offer the mode ${mode}, in which it asks before it acts; it offers ${session.modes.join(', ') || 'none'}. Install a version of it that does: ${installHint}`,
      )
    await ask(
      'the request to set the mode',
      agent.request(methods.agent.session.setMode, { sessionId: session.id, modeId: mode }),
    )
  }
  const { agentTitle, agentVersion } = initialized
  return { title: agentTitle ?? kind.title, version: agentVersion ?? 'unknown', session: session.id }
}

function methodWithoutPerson(name: string, { signIns }: Initialized, usable: readonly string[]): string {
  const found = usable.find((id) => signIns.includes(id))
  if (found !== undefined) return found
  throw new AgentFault(
    `${name} requires a person to sign in (${signIns.join(', ') || 'it does not say how'}), which is impossible inside a sandbox. Configure it to take its model and key from the environment.`,
  )
}
