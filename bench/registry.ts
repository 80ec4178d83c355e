// A registry that serves one tarball over TLS. It is a separate process, because a real registry does not share a
// processor with the gateway. Prints its port and certificate as JSON. Exits when its standard input ends.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createRunCa } from '../src/gateway/egress/run-ca.ts'

const ca = await createRunCa()
const content = randomBytes(Number(process.argv[2]))
const server = createServer(await ca.certificateFor('localhost'), (_request, response) => {
  // Changes the content each time, because the blob store skips known bytes.
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
