// The record of a tunnel without a request.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { EventBody } from '../../src/domain/event.ts'
import { openFixture, type Fixture } from './gateway-fixture.ts'
import { sendThroughTunnel } from './programs.ts'

const AUTHORITY = 'api.example.com:443'

async function openTunnel(box: Fixture): Promise<Socket> {
  const raw = connect(box.port, '127.0.0.1').on('error', () => {})
  raw.write(`CONNECT ${AUTHORITY} HTTP/1.1\r\nHost: ${AUTHORITY}\r\n\r\n`)
  await once(raw, 'data')
  return raw
}

async function openTls(box: Fixture, servername?: string): Promise<TLSSocket> {
  const socket = await openTunnel(box)
  // With TLS 1.3 the client finishes the handshake before the server.
  const options = { rejectUnauthorized: false, maxVersion: 'TLSv1.2' as const, ...(servername && { servername }) }
  const tls = connectTls({ socket, ...options }).on('error', () => {})
  await once(tls, 'secureConnect')
  return tls
}

function tunnels(box: Fixture): EventBody<'net.tunnelled'>[] {
  return box.events.filter(({ kind }) => kind === 'net.tunnelled').map(({ body }) => body as EventBody<'net.tunnelled'>)
}

async function closeAndWait(box: Fixture, socket: Socket): Promise<void> {
  socket.destroy()
  await expect.poll(() => box.events.length).toBeGreaterThan(0)
}

describe('a tunnel without a request', () => {
  test('is an event with its host, its server name and its bytes', async () => {
    await using box = await openFixture()
    await closeAndWait(box, await openTls(box, 'smuggled-words.example.com'))
    expect(tunnels(box)).toMatchObject([{ authority: AUTHORITY, servername: 'smuggled-words.example.com' }])
    const [{ receivedBytes, sentBytes } = { receivedBytes: 0, sentBytes: 0 }] = tunnels(box)
    expect([receivedBytes, sentBytes].map((bytes) => bytes > 200 && bytes < 5000)).toEqual([true, true])
    expect(box.requests()).toEqual([])
  })

  test('is an event also without a server name or with half a request', async () => {
    await using box = await openFixture()
    await closeAndWait(box, await openTls(box))
    const half = await openTls(box, 'api.example.com')
    half.write('GET /half HT')
    await new Promise((done) => half.write('TP', done))
    half.destroy()
    await expect.poll(() => box.events.length).toBe(2)
    expect(tunnels(box)).toMatchObject([{ servername: null }])
    expect(box.requests()).toMatchObject([{ method: '(unparsable)', url: 'https://api.example.com:443/' }])
  })

  test('is recorded when the gateway has closed', async () => {
    const box = await openFixture()
    await openTls(box, 'api.example.com')
    await box[Symbol.asyncDispose]()
    expect(tunnels(box)).toHaveLength(1)
  })
})

test('a tunnel with a request is recorded only by the request', async () => {
  await using box = await openFixture()
  const bytes = `GET / HTTP/1.1\r\nHost: ${AUTHORITY}\r\nConnection: close\r\n\r\n`
  expect(await sendThroughTunnel(box, bytes, { authority: AUTHORITY, servername: 'api.example.com' })).toMatch(/ 403 /)
  await sendThroughTunnel(box, 'no HTTP at all\r\n\r\n', { authority: AUTHORITY, servername: 'api.example.com' })
  await box[Symbol.asyncDispose]()
  expect([box.requests().length, tunnels(box)]).toEqual([2, []])
})

test.each([
  ['closed at once', async (raw: Socket) => raw.end()],
  [
    'reset in the middle of its handshake',
    async (raw: Socket) => void raw.write('\x16\x03\x01\x02\x00\x01', () => raw.resetAndDestroy()),
  ],
])('records a handshake that is %s', async (_how, end) => {
  await using box = await openFixture({ limits: { handshakeMs: 400 } })
  await end(await openTunnel(box))
  await expect.poll(() => box.requests().length).toBe(1)
  expect(box.requests()).toMatchObject([{ method: 'CONNECT', url: AUTHORITY, decision: { allowed: false } }])
  expect(tunnels(box)).toEqual([])
})
