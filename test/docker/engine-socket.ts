// A socket in front of the tests' engine, for tests in which the engine goes away. The real engine keeps serving
// others.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface EngineSocket extends AsyncDisposable {
  path: string
  /** Breaks every connection. From then on the socket does not answer. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

export async function openEngineSocket(engine: string): Promise<EngineSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-front-'))
  await chmod(folder, 0o755)
  const path = join(folder, 'engine.sock')
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: engine, allowHalfOpen: true })
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    near.on('error', () => far.destroy()).pipe(far)
    far.on('error', () => near.destroy()).pipe(near)
  })
  const listen = () => new Promise<void>((resolve) => server.listen(path, resolve))
  await listen()
  async function goAway(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of open) socket.destroy()
    await closed
  }
  return {
    path,
    goAway,
    comeBack: listen,
    async [Symbol.asyncDispose]() {
      await goAway()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
