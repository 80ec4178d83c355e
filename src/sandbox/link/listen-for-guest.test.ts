import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { encodeFrame } from './encode-request.ts'
import { dial as dialAt, ended, HELLO, linkAt, output } from './fake-guest-end.ts'
import { MESSAGE, PROTOCOL_VERSION, REQUEST } from './frame-types.ts'
import { listenForGuest } from './listen-for-guest.ts'

const COMMAND = { step: 5, argv: ['true'], env: {}, cwd: '/', outputLimit: 10, record: true }
const NEVER = new AbortController().signal
const SINK = { output: () => {}, reports: () => {} }

let folder: string
let path: string
const sockets: Socket[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glovebox-link-'))
  path = join(folder, 'link.sock')
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await rm(folder, { recursive: true })
})

async function dial(): Promise<Socket> {
  const socket = await dialAt(path)
  sockets.push(socket)
  return socket
}

async function pair() {
  const both = await linkAt(path)
  sockets.push(both.inside)
  return both
}

test('accepts a guest that says hello, and no second connection', async () => {
  const { guest } = await pair()
  expect(guest.version).toBe('9.9.9')
  await expect(dial()).rejects.toThrow(/ENOENT|ECONNREFUSED/)
})

test.each([
  [
    'another version',
    encodeFrame(
      MESSAGE.hello,
      new ByteWriter()
        .raw(Buffer.from('GLVB'))
        .u16(PROTOCOL_VERSION + 1)
        .bytes(Buffer.from('x'))
        .finish(),
    ),
  ],
  ['something else first', ended(1)],
  ['more than hello', Buffer.concat([HELLO, ended(1)])],
  ['a request of the host', encodeFrame(REQUEST.selfTest, new Uint8Array())],
  ['an endless frame', Buffer.of(255, 255, 255, 255, 0x81)],
])('refuses a connection that sends %s', async (_what, bytes) => {
  const listener = await listenForGuest(path)
  const accepted = listener.accept(5000, NEVER)
  ;(await dial()).write(bytes)
  await expect(accepted).rejects.toMatchObject({ code: 'protocol' })
})

test('gives up on a guest that never dials or never says hello', async () => {
  const listener = await listenForGuest(path)
  await expect(listener.accept(50, NEVER)).rejects.toMatchObject({ code: 'timeout' })
  await dial()
  await expect(listener.accept(50, NEVER)).rejects.toMatchObject({ code: 'timeout' })
})

test('stops waiting when the listener is closed', async () => {
  const listener = await listenForGuest(path)
  const accepted = listener.accept(5000, NEVER)
  listener.close()
  await expect(accepted).rejects.toMatchObject({ code: 'closed' })
})

test('a broken link rejects the running command and `lost`', async () => {
  const { guest, inside } = await pair()
  const running = guest.run(COMMAND, SINK, NEVER)
  inside.destroy()
  await expect(running).rejects.toMatchObject({ code: 'lost' })
  await expect(guest.lost).rejects.toMatchObject({ code: 'lost' })
  await expect(guest.coverage()).rejects.toMatchObject({ code: 'lost' })
})

test.each([
  ['output of another step', output(6, 'x')],
  ['an answer to another question', encodeFrame(MESSAGE.fileEnd, Uint8Array.of(0))],
  ['an unknown frame', encodeFrame(0x42, new Uint8Array())],
])('%s ends the link', async (_what, bytes) => {
  const { guest, inside } = await pair()
  const running = guest.run(COMMAND, SINK, NEVER)
  inside.write(bytes)
  await expect(running).rejects.toMatchObject({ code: 'protocol' })
  await expect(guest.lost).rejects.toMatchObject({ code: 'protocol' })
})

test('a message that the host did not ask for ends the link', async () => {
  const { guest, inside } = await pair()
  inside.write(output(0, 'x'))
  await expect(guest.lost).rejects.toMatchObject({ code: 'protocol' })
})

test('a failing sink ends the link, because an unrecorded step must not go on', async () => {
  const { guest, inside } = await pair()
  const running = guest.run(COMMAND, { ...SINK, output: () => Promise.reject(new Error('disk full')) }, NEVER)
  inside.write(Buffer.concat([output(5, 'x'), ended(5)]))
  await expect(running).rejects.toMatchObject({ code: 'lost' })
  await expect(guest.lost).rejects.toMatchObject({ code: 'lost' })
})

test('a slow sink pauses reading, and the end of a step waits for the sink', async () => {
  const { guest, inside } = await pair()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let settled = false
  const running = guest.run(COMMAND, { ...SINK, output: () => released }, NEVER).finally(() => (settled = true))
  for (let i = 0; i < 64; i++) inside.write(output(5, 'x'.repeat(500_000)))
  inside.write(ended(5))
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(inside.writableLength).toBeGreaterThan(10_000_000)
  expect(settled).toBe(false)
  release()
  await expect(running).resolves.toMatchObject({ code: 0 })
})

test('more bytes of a file than requested end the link', async () => {
  const { guest, inside } = await pair()
  const reading = guest.readFile('/f', 3)
  inside.write(encodeFrame(MESSAGE.fileData, Buffer.from('four')))
  await expect(reading).rejects.toMatchObject({ code: 'protocol' })
})

test('closing our side does not count as a lost link', async () => {
  const { guest } = await pair()
  const asked = guest.selfTest()
  guest.close()
  await expect(asked).rejects.toMatchObject({ code: 'closed' })
  const outcome = await Promise.race([
    guest.lost.catch(() => 'lost'),
    new Promise((resolve) => setTimeout(resolve, 50, 'quiet')),
  ])
  expect(outcome).toBe('quiet')
})
