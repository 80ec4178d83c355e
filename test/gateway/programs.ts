// Real programs behind the gateway, and a raw socket for requests that no honest program sends.
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Fixture } from './gateway-fixture.ts'

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export function runProgram(
  fixture: Pick<Fixture, 'environment' | 'directory'>,
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const [program = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: options.cwd ?? fixture.directory,
      env: { ...fixture.environment, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    })
    const out = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...out }))
  })
}

/** Sends bytes to the proxy; resolves with its answer once it closes or is silent for `quietMs`. */
export function sendRaw(port: number, bytes: string | Uint8Array, quietMs = 2000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    collect(socket, quietMs, resolve, reject)
  })
}

export interface TunnelOptions {
  authority: string
  servername?: string
  alpn?: string[]
  quietMs?: number
}

/** CONNECT, TLS without verification, then `bytes`. Rejects when the handshake fails. */
export function sendThroughTunnel(
  fixture: Fixture,
  bytes: string | Uint8Array,
  options: TunnelOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const raw = connect(fixture.port, '127.0.0.1', () =>
      raw.write(`CONNECT ${options.authority} HTTP/1.1\r\nHost: ${options.authority}\r\n\r\n`),
    )
    raw.on('error', reject)
    raw.once('data', (head) => {
      if (!head.toString().startsWith('HTTP/1.1 200')) return resolve(head.toString())
      const { servername, alpn } = options
      const tls = connectTls(
        {
          socket: raw,
          rejectUnauthorized: false,
          ...(servername && { servername }),
          ...(alpn && { ALPNProtocols: alpn }),
        },
        () => tls.write(bytes),
      )
      collect(tls, options.quietMs ?? 2000, resolve, reject)
    })
  })
}

function collect(
  socket: NodeJS.ReadWriteStream & { destroy(): void; setTimeout(ms: number, done: () => void): void },
  quietMs: number,
  resolve: (text: string) => void,
  reject: (error: Error) => void,
): void {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', (error: Error) => (text === '' ? reject(error) : resolve(text)))
  socket.on('close', () => resolve(text))
  socket.setTimeout(quietMs, () => {
    socket.destroy()
    resolve(text)
  })
}
