// The answer to info/refs: the refs and capabilities on offer. Written here instead of by git, so that it offers only
// capabilities that the parsers know.
import { visibleRefs } from '../../git/quarantine.ts'
import { zeroId } from '../../git/object-id.ts'
import type { GitSubprotocol } from './answers.ts'
import { encodePkt, FLUSH } from './pkt-line.ts'
import type { ServiceParts } from './service-parts.ts'

const AGENT = 'agent=glovebox'
// No thin packs: see incoming-pack.ts. Offers delete-refs, so that git sends a deletion, which is then refused and
// recorded.
const RECEIVE_CAPABILITIES = `report-status delete-refs side-band-64k quiet atomic ofs-delta no-thin`

export async function advertise(parts: ServiceParts, service: GitSubprotocol, version: 0 | 2): Promise<Buffer> {
  if (service === 'git-receive-pack') return withService(service, await receiveRefs(parts))
  if (version === 2) return fetchCapabilities(parts)
  const argv = ['upload-pack', '--strict', '--stateless-rpc', '--http-backend-info-refs', parts.quarantine]
  return withService(service, (await parts.git.run({ argv })).stdout)
}

function fetchCapabilities({ format }: ServiceParts): Buffer {
  const lines = ['version 2', AGENT, 'ls-refs=unborn', 'fetch=shallow wait-for-done', `object-format=${format}`]
  return Buffer.concat([...lines.map((line) => encodePkt(`${line}\n`)), FLUSH])
}

async function receiveRefs({ git, quarantine, format }: ServiceParts): Promise<Buffer> {
  const refs = [...(await visibleRefs(git, quarantine))].map(([name, id]) => `${id} ${name}`)
  const [first = `${zeroId(format)} capabilities^{}`, ...others] = refs
  const capabilities = `${RECEIVE_CAPABILITIES} object-format=${format} ${AGENT}`
  return Buffer.concat([
    encodePkt(`${first}\0${capabilities}\n`),
    ...others.map((line) => encodePkt(`${line}\n`)),
    FLUSH,
  ])
}

function withService(service: GitSubprotocol, refs: Uint8Array): Buffer {
  return Buffer.concat([encodePkt(`# service=${service}\n`), FLUSH, refs])
}
