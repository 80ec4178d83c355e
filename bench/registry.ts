// A registry that serves one tarball over TLS, in a process of its own: as any registry does, it has a processor that is
// not the gateway's. Prints its port and certificate as JSON, and ends with its standard input.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createRunCa } from '../src/gateway/egress/run-ca.ts'

const ca = await createRunCa()
const content = randomBytes(Number(process.argv[2]))
const server = createServer(await ca.certificateFor('localhost'), (_request, response) => {
  // Bytes that the blob store has not seen, each time.
  randomBytes(16).copy(content)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length }).end(content)
})
server.listen(0, 'localhost', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ port, certificate: ca.certificatePem })}\n`)
})
process.stdin
  .on('end', () => {
    server.closeAllConnections()
    server.close()
  })
  .resume()
