// `glovebox serve` over real TCP, attacked by a browser page or by another account on the machine.
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { shortId } from '../../src/domain/ids.ts'
import { CONNECTION_BOUNDS } from '../../src/server/bound-connections.ts'
import { openInstance, type TestInstance } from '../services/test-instance.ts'
import { testFolder, type TestFolder } from '../test-folder.ts'
import { openTerminal, TOKEN, type Terminal } from './terminal.ts'
import { makeDataFolder } from '../data-folder.ts'

const RUN = '0123456789abcdefghj0'

let instance: TestInstance
let folder: TestFolder
let port: number
let terminal: Terminal
let serving: ReturnType<Terminal['type']>

beforeAll(async () => {
  folder = await testFolder()
  await makeDataFolder(folder.path)
  instance = await openInstance()
  port = await freePort()
  await instance.addRun({ id: RUN })
  terminal = openTerminal({ dataFolder: folder.path, instance })
  serving = terminal.type('serve', '--port', String(port))
  await vi.waitFor(() => ask({ path: '/' }))
})
afterAll(async () => {
  terminal.interrupt()
  await serving
  await instance[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const BEARER = { authorization: `Bearer ${TOKEN}` }

test('answers requests with the token, as the person who started the server', async () => {
  const { status, body } = await ask({
    path: '/api/v1/runs',
    headers: { ...BEARER, 'glovebox-actor': '{"id":"user:mallory"}' },
  })
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ runs: [{ id: RUN }] })
  expect(instance.asked.at(-1)?.caller).toMatchObject({ actor: { id: 'user:alice' }, proof: 'token' })
})

test.each([
  ['without a token', {}],
  ['with a wrong token', { authorization: `Bearer ${'u'.repeat(43)}` }],
  ['with only the name of an actor', { 'glovebox-actor': '{"id":"user:alice"}' }],
])('%s it answers 401 and calls no use case', async (_, headers) => {
  const before = instance.asked.length
  expect((await ask({ path: '/api/v1/runs', headers: headers as Record<string, string> })).status).toBe(401)
  expect(instance.asked.length).toBe(before)
})

test.each(['evil.example', 'localhost.evil.example:7373', '0.0.0.0'])(
  'for the host name %s it answers 421, even with the token',
  async (host) => {
    expect((await ask({ path: '/api/v1/runs', headers: { ...BEARER, host } })).status).toBe(421)
  },
)

test('does not allow a page of another site to read answers', async () => {
  const { status, headers } = await ask({
    path: '/api/v1/runs',
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
  })
  expect(status).toBe(404)
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test.each([
  [
    'two Host headers',
    `GET /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  ],
  ['no Host header', `GET /api/v1/runs HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`],
  [
    'an absolute target',
    `GET http://evil.example/api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  ],
  [
    'length and chunks at once',
    `POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['headers without end', `GET /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
])('refuses %s', async (_, text) => {
  expect(await raw(text.replaceAll('PORT', String(port)))).toMatch(/^HTTP\/1\.1 4(00|31) /)
})

test('treats a target that starts with two slashes as a path', async () => {
  expect((await ask({ path: '//evil.example/api/v1/runs', headers: BEARER })).status).toBe(404)
})

test('serves the description of its API', async () => {
  const { status, body } = await ask({ path: '/api/v1/openapi.json', headers: BEARER })
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ openapi: '3.1.0' })
})

test.each([
  ['that say nothing', ''],
  ['that never end their headers', 'GET /api/v1/runs HTTP/1.1\r\nHost: x\r\n'],
  ['that never end their body', 'POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{'],
])('1,100 connections without a token %s stop neither the API nor the command line', async (_, text) => {
  const closed = { count: 0 }
  const open = await Promise.all(Array.from({ length: 1100 }, () => connectAndSay(text, closed)))
  try {
    for (let at = 0; at < 3; at++) expect((await ask({ path: '/api/v1/runs', headers: BEARER })).status).toBe(200)
    await using nothing = await openInstance()
    const other = openTerminal({ dataFolder: folder.path, instance: nothing })
    expect((await other.type('runs')).stdout).toContain(shortId(RUN))
    await expect.poll(() => closed.count, { timeout: 10_000 }).toBeGreaterThanOrEqual(1100 - CONNECTION_BOUNDS.waiting)
  } finally {
    for (const socket of open) socket.destroy()
  }
})

test('a connection on which an answer is under way is not closed for others', async () => {
  const controller = new AbortController()
  const url = `http://127.0.0.1:${port}/api/v1/runs/0123456789abcdefghj0/events?follow=true`
  const streamed = await fetch(url, { headers: BEARER, signal: controller.signal })
  const closed = { count: 0 }
  const open = await Promise.all(Array.from({ length: 300 }, () => connectAndSay('', closed)))
  await expect.poll(() => closed.count, { timeout: 10_000 }).toBeGreaterThanOrEqual(300 - CONNECTION_BOUNDS.waiting)
  const reader = streamed.body!.getReader()
  const first = await Promise.race([reader.read().then(() => 'ended'), sleep(300, 'still open')])
  expect(first).toBe('still open')
  controller.abort()
  for (const socket of open) socket.destroy()
})

test('another command on the same data folder uses the server through its socket', async () => {
  await using nothing = await openInstance()
  const other = openTerminal({ dataFolder: folder.path, instance: nothing })
  expect((await other.type('runs')).stdout).toContain(shortId(RUN))
  expect(other.contexts).toEqual([])
})

test('ends in order when interrupted, prints its address, and never prints the token', async () => {
  terminal.interrupt()
  const { code, stdout, stderr } = await serving
  expect(code).toBe(0)
  expect(stdout).toBe(`Listening on http://127.0.0.1:${port}/api/v1\nIts access token is in ${folder.path}/api-token\n`)
  expect(stdout).not.toContain(TOKEN)
  expect(stderr).not.toContain('Warning')
  expect(terminal.contexts.map((context) => context.disposed)).toEqual([true])
})

test('the access log has a line per request, with who sent it, and neither queries nor tokens', async () => {
  const { stderr } = await serving
  const time = /^[\d-]+T[\d:.]+Z 127\.0\.0\.1 /m.source
  expect(stderr).toMatch(new RegExp(`${time}user:alice GET /api/v1/runs 200 \\d+ms$`, 'm'))
  expect(stderr).toMatch(new RegExp(`${time}- GET /api/v1/runs 401 \\d+ms$`, 'm'))
  expect(stderr).toMatch(new RegExp(`${time}user:alice GET /api/v1/runs/0123456789abcdefghj0/events 200 \\d+ms$`, 'm'))
  for (const secret of [TOKEN, 'follow=true', 'Bearer']) expect(stderr).not.toContain(secret)
})

test('an address that others can reach gets a warning that names the risk and the cure', async () => {
  await using ground = await testFolder()
  await makeDataFolder(ground.path)
  await using nothing = await openInstance()
  const open = openTerminal({ dataFolder: ground.path, instance: nothing })
  port = await freePort()
  const served = open.type('serve', '--host', '0.0.0.0', '--port', String(port))
  await vi.waitFor(() => ask({ path: '/' }))
  open.interrupt()
  expect((await served).stderr).toMatch(
    /^Warning: others can reach 0\.0\.0\.0[^]*access token[^]*ssh -L[^]*reverse proxy with TLS/,
  )
})

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

function ask(options: { path: string; method?: string; headers?: Record<string, string> }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, agent: false, ...options }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function connectAndSay(text: string, closed: { count: number }): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.once('close', () => {
      closed.count++
      resolve(socket)
    })
    socket.once('connect', () => {
      socket.write(text)
      resolve(socket)
    })
    socket.resume()
  })
}

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
      socket.end()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
