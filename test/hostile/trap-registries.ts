// Two registries of the machine's npm configuration, on one origin: the attacker's, which redirects to the place that a
// package's name says, and the operator's own, with a credential.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface TrapRegistries extends AsyncDisposable {
  port: number
  /** Requests to the registries and to another service on the host's loopback: `PATH AUTHORIZATION`. */
  seen: string[]
  elsewhere: { port: number; seen: string[] }
}

export const REGISTRY_TOKEN = 'npm-hostile-5d41402abc4b2a76b9719d911017c592'

/** A redirect to it is at `/trap/@trap%2f<location in base64url>/-/x-1.0.0.tgz`. */
export async function openTrapRegistries(folder: string): Promise<TrapRegistries> {
  await using opening = new AsyncDisposableStack()
  const seen: string[] = []
  const port = await serve(opening, seen, (path) => {
    const [, encoded] = /^\/trap\/@trap%2f([\w-]+)/.exec(path) ?? []
    return encoded === undefined ? null : Buffer.from(encoded, 'base64url').toString('latin1')
  })
  const elsewhere = { seen: [] as string[], port: 0 }
  elsewhere.port = await serve(opening, elsewhere.seen, () => null)
  const lines = [
    `@trap:registry=http://127.0.0.1:${port}/trap/`,
    `@corp:registry=http://127.0.0.1:${port}/corp/`,
    `//127.0.0.1:${port}/corp/:_authToken=${REGISTRY_TOKEN}`,
  ]
  const file = join(folder, 'global-npmrc')
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  const before = process.env['npm_config_globalconfig']
  process.env['npm_config_globalconfig'] = file
  opening.defer(() => {
    if (before === undefined) delete process.env['npm_config_globalconfig']
    else process.env['npm_config_globalconfig'] = before
  })
  const resources = opening.move()
  return { port, seen, elsewhere, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** `leads` gives the location of a redirect; null: a plain answer that quotes the request. */
async function serve(
  opening: AsyncDisposableStack,
  seen: string[],
  leads: (path: string) => string | null,
): Promise<number> {
  const server = createServer(({ url = '', headers }, response) => {
    seen.push(`${url} ${headers.authorization ?? '-'}`)
    const location = leads(url)
    response.setHeader('x-quoted', headers.authorization ?? '')
    // Node refuses some of these values as a Location header, so write them to the socket.
    if (location === null) response.end(JSON.stringify({ quoted: headers.authorization ?? null }))
    else
      response.socket?.end(
        Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`, 'latin1'),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opening.defer(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return (server.address() as AddressInfo).port
}
