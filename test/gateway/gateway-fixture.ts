// A gateway on a unix socket with the surroundings of a test: a bridge on loopback like the guest's, record, blobs and
// policy in memory, and a TLS server that plays the open network.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpsServer } from 'node:https'
import type { RequestListener } from 'node:http'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { NewEvent } from '../../src/domain/event.ts'
import type { RequestRecord } from '../../src/gateway/record-request.ts'
import type { Connect } from '../../src/gateway/egress/dial.ts'
import type { Resolver } from '../../src/gateway/egress/resolve-host.ts'
import { createRunCa, type RunCa } from '../../src/gateway/egress/run-ca.ts'
import {
  javaEnvironment,
  javaTrustFile,
  proxyEnvironment,
  trustEnvironment,
} from '../../src/gateway/egress/trust-environment.ts'
import type { GatewayLimits } from '../../src/gateway/limits.ts'
import { openGateway } from '../../src/gateway/open-gateway.ts'
import type { GatewayContext, GatewayService } from '../../src/gateway/types.ts'
import type { Outgoing } from '../../src/outgoing/settings.ts'
import type { PolicyQuestion } from '../../src/policy/types.ts'
import type { BlobStore, Recorder } from '../../src/store/types.ts'

export type Question = Omit<PolicyQuestion, 'principal'>

/** A public address that no test really dials: connections to it go to the local stand-in. */
export const PUBLIC_ADDRESS = '93.184.215.14'

export function memoryBlobs(): BlobStore & { all: Map<string, Buffer> } {
  const all = new Map<string, Buffer>()
  const put = async (bytes: Uint8Array) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    all.set(digest, Buffer.from(bytes))
    return { digest, bytes: bytes.byteLength }
  }
  return {
    all,
    put,
    async writer() {
      const parts: Uint8Array[] = []
      return {
        write: async (bytes) => void parts.push(bytes),
        read: async (offset) => Buffer.concat(parts).subarray(offset),
        finish: () => put(Buffer.concat(parts)),
        abort: async () => {},
      }
    },
    read: async (digest) => all.get(digest) ?? null,
    async open(digest) {
      const bytes = all.get(digest)
      return bytes ? { bytes: bytes.byteLength, stream: () => Readable.from([bytes]) } : null
    },
  }
}

export interface Fixture extends AsyncDisposable {
  context: GatewayContext
  events: NewEvent[]
  questions: Question[]
  blobs: ReturnType<typeof memoryBlobs>
  directory: string
  socketPath: string
  port: number
  ca: RunCa
  /** Environment of a program in a sandbox, with only PATH from the host. */
  environment: Record<string, string>
  requests(): RequestRecord[]
}

export interface FixtureOptions {
  allow?: (question: Question) => boolean
  services?: (context: GatewayContext) => GatewayService[]
  reach?: string[]
  resolve?: Resolver
  connect?: Connect
  certificates?: readonly string[]
  limits?: Partial<GatewayLimits>
  recorderFails?: () => boolean
  /** Also receives recorded events. */
  recorder?: Recorder
  /** Configured secrets. */
  secrets?: GatewayContext['secrets']
  outgoing?: Outgoing
}

export async function openFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const directory = await mkdtemp(join(tmpdir(), 'glovebox-gateway-'))
  const events: NewEvent[] = []
  const questions: Question[] = []
  const blobs = memoryBlobs()
  const context: GatewayContext = {
    run: {
      id: '0123456789abcdefghjk',
      actor: { id: 'run:0123456789abcdefghjk' },
      mode: 'write',
      branch: 'b',
      reach: options.reach ?? [],
    },
    async authorise(question, also = () => []) {
      questions.push(question)
      const allowed = options.allow?.(question) ?? false
      const decision = { allowed, reasons: allowed ? ['test-allows'] : [] }
      const more = also(decision)
      if (more.length > 0) await context.recorder.record(more)
      return decision
    },
    recorder: {
      async record(batch) {
        if (options.recorderFails?.()) throw new Error('the disk at /secret/place is full')
        events.push(...batch)
        return (await options.recorder?.record(batch)) ?? []
      },
    },
    blobs,
    ...(options.secrets && { secrets: options.secrets }),
  }
  const ca = await createRunCa()
  const socketPath = join(directory, 'gateway.sock')
  const stop = new AbortController()
  const { resolve, connect: connectTo, certificates } = options
  const bridge = await openBridge(socketPath)
  const gateway = await openGateway({
    socketPath,
    port: bridge.port,
    context,
    ca,
    signal: stop.signal,
    services: options.services?.(context) ?? [],
    ...(options.outgoing && { outgoing: options.outgoing }),
    ...(options.limits && { limits: options.limits }),
    egress: {
      ...(resolve && { resolve }),
      ...(connectTo && { connect: connectTo }),
      ...(certificates && { certificates }),
    },
  })
  const caPath = join(directory, 'ca.pem')
  await writeFile(caPath, ca.certificatePem)
  const javaTrust = javaTrustFile(ca.certificatePem, join(directory, 'ca.jks'))
  await writeFile(javaTrust.target, javaTrust.content)
  const environment = {
    PATH: `${join(import.meta.dirname, '../../node_modules/.bin')}:/usr/bin:/bin`,
    HOME: join(directory, 'home'),
    ...trustEnvironment(caPath, caPath),
    ...proxyEnvironment(bridge.port),
    ...javaEnvironment(bridge.port, javaTrust.target),
  }
  return {
    context,
    events,
    questions,
    blobs,
    directory,
    socketPath,
    ca,
    environment,
    port: bridge.port,
    requests: () =>
      events.filter((event) => event.kind === 'net.requested').map((event) => event.body as RequestRecord),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await bridge.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function openBridge(socketPath: string): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ path: socketPath, allowHalfOpen: true })
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      // Like the guest's bridge: when one side breaks off, the other is closed, too.
      sockets.add(socket.on('error', () => other.destroy()))
      socket.on('close', () => sockets.delete(socket))
    }
    inside.pipe(outside)
    outside.pipe(inside)
  })
  const port = await listen(server)
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A TLS server for `host` with its own CA, and a resolver and a connector that lead to it. */
export async function openStandIn(
  host: string,
  listener: RequestListener,
): Promise<
  AsyncDisposable & { resolve: Resolver; connect: Connect; certificates: string[]; dialled: string[]; port: number }
> {
  const ca = await createRunCa()
  const server = createHttpsServer({ ...(await ca.certificateFor(host)) }, listener)
  const port = await listen(server)
  const dialled: string[] = []
  return {
    port,
    dialled,
    certificates: [ca.certificatePem],
    resolve: async () => [PUBLIC_ADDRESS],
    connect: (address, asked) => {
      dialled.push(`${address}:${asked}`)
      return new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket)).on('error', reject)
      })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
