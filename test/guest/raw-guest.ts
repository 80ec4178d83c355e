// A guest that a test speaks to frame by frame, as a host that breaks the rules would.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { decodeMessage } from '../../src/sandbox/link/decode-message.ts'
import type { GuestMessage } from '../../src/sandbox/link/decode-message.ts'
import { FrameSplitter } from '../../src/sandbox/link/frame-splitter.ts'
import { launchBox } from './launch-box.ts'
import type { Box, BoxOptions } from './launch-box.ts'

export interface RawGuest extends AsyncDisposable, Box {
  send(...frames: Uint8Array[]): void
  /** The next message that `wanted` takes; what comes before it is passed over. Null: the guest hung up. */
  next(wanted: (message: GuestMessage) => boolean): Promise<GuestMessage | null>
}

export async function startRawGuest(options: BoxOptions = {}): Promise<RawGuest> {
  const server: Server = createServer({ pauseOnConnect: true })
  const connection = once(server, 'connection') as Promise<[Socket]>
  const box = await launchBox(options, async (socket) => {
    server.listen(socket)
    await once(server, 'listening')
  })
  const [socket] = await connection
  server.close()
  socket.on('error', () => {})
  const messages = read(socket)
  await messages.next()
  return {
    ...box,
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    async next(wanted) {
      for (let next = await messages.next(); !next.done; next = await messages.next())
        if (wanted(next.value)) return next.value
      return null
    },
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await box.remove()
    },
  }
}

/** Reads no more than is asked for, so that a host that doesn't read can be played, too. */
async function* read(socket: Socket): AsyncGenerator<GuestMessage> {
  const splitter = new FrameSplitter()
  try {
    for await (const chunk of socket) for (const frame of splitter.push(chunk as Buffer)) yield decodeMessage(frame)
  } catch (error) {
    // A guest that hangs up with something of ours unread.
    if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error
  }
}
