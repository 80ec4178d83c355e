// Client for the parts of the Docker Engine API that sandboxes need. Podman's compatible socket answers the same.
import type { IncomingMessage } from 'node:http'
import type Dockerode from 'dockerode'
import { SandboxError } from '../types.ts'

export interface Engine {
  readonly socket: string
  /** For requests that the engine answers at once. */
  readonly client: Dockerode
  /**
   * `exited` resolves with the exit status of the container's first process. It rejects with `engine-unavailable` when
   * the engine goes away first.
   */
  waitFor(container: string): Promise<{ exited: Promise<number> }>
}

const ANSWER_TIMEOUT_MS = 120_000

/** Creates a client without sending a request. Loads the library only where containers are used. */
export async function openEngine(socket: string): Promise<Engine> {
  const { default: Docker } = await import('dockerode')
  // All set here, so that DOCKER_HOST and similar variables can't choose another engine.
  const chosen = { socketPath: socket, host: undefined, port: undefined, protocol: 'http', pathPrefix: undefined }
  const nothing = { ca: undefined, cert: undefined, key: undefined, headers: {} }
  const open = (timeout: number | undefined) =>
    new Docker({ ...chosen, ...nothing, timeout } as unknown as Dockerode.DockerOptions)
  const patient = open(undefined)
  return {
    socket,
    client: open(ANSWER_TIMEOUT_MS),
    async waitFor(container) {
      const answer = await dial(patient, `/containers/${encodeURIComponent(container)}/wait?`)
      const exited = statusOf(answer, socket)
      exited.catch(() => undefined) // its error reaches the caller that awaits it
      return { exited }
    },
  }
}

/**
 * The library's own wait() never settles when the connection breaks after the headers; the stream reports the break.
 */
function dial(docker: Dockerode, path: string): Promise<IncomingMessage> {
  const statusCodes = { 200: true, 404: 'no such container', 500: 'server error' }
  return new Promise((resolve, reject) => {
    docker.modem.dial({ path, method: 'POST', isStream: true, statusCodes, options: {} }, (error, answer) =>
      error === null ? resolve(answer as unknown as IncomingMessage) : reject(error),
    )
  })
}

async function statusOf(answer: IncomingMessage, socket: string): Promise<number> {
  let text = ''
  try {
    for await (const chunk of answer) text += String(chunk)
    const { StatusCode: code } = JSON.parse(text) as { StatusCode: unknown }
    if (typeof code === 'number') return code
  } catch {
    // The connection broke: reported below.
  }
  throw new SandboxError('engine-unavailable', `the Docker engine at ${socket} went away while the sandbox was at work`)
}

/** Asks the engine. Turns refusals of the engine and errors of the socket into errors that name the cure. */
export async function ask<T>(engine: Pick<Engine, 'socket'>, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    throw explained(error as Error & Answer, engine.socket)
  }
}

interface Answer {
  code?: string
  statusCode?: number
  json?: { message?: string } | null
}

/** HTTP status of a refusal by the engine; null for any other error. */
export function statusOfError(error: unknown): number | null {
  const cause = (error as Error).cause
  return cause instanceof Error ? ((cause as Error & Answer).statusCode ?? null) : null
}

function explained(error: Error & Answer, socket: string): Error {
  if (error instanceof SandboxError) return error
  if (error.name === 'AbortError') return error
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    const cure =
      "add the account to the socket's group, which gives it the power of root, or set sandbox.socket to an engine of its own"
    return new SandboxError('engine-forbidden', `this account may not use the Docker engine at ${socket}: ${cure}`, {
      cause: error,
    })
  }
  if (error.statusCode === undefined) {
    const cure = 'start it (`systemctl start docker`), install docker.io or podman, or set sandbox.socket'
    return new SandboxError(
      'engine-unavailable',
      `no Docker engine answers at ${socket} (${error.code ?? error.message}): ${cure}`,
      { cause: error },
    )
  }
  const said = error.json?.message ?? error.message
  return new SandboxError('start-failed', `the Docker engine refused: ${said.trim().slice(0, 500)}`, { cause: error })
}
