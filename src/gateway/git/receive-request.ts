// Strict parser for the commands of a push, before the pack (gitprotocol-pack, "Reference Update Request"). Refuses
// commands that git might read differently, so that the decision is about the commands that git would execute.
import type { ObjectFormat } from '../../git/object-id.ts'
import { isObjectId, isZeroId } from '../../git/object-id.ts'
import { isRefName } from '../../git/ref-name.ts'
import { GitProtocolError } from './git-protocol-error.ts'
import type { ByteSource } from './pkt-line.ts'
import { decodeUtf8, pktText, readPkt } from './pkt-line.ts'

export const MAX_COMMANDS = 64
const MAX_SHALLOW = 1024

export interface RefCommand {
  ref: string
  old: string
  new: string
  kind: 'create' | 'update' | 'delete'
}

export interface ReceiveRequest {
  commands: readonly RefCommand[]
  sideBand: boolean
  /** Unsupported capabilities that the client asks for: push options, a certificate, unknown ones. */
  notOffered: readonly string[]
  /** Whether the pushing repository is a shallow clone. */
  shallow: boolean
}

const OFFERED: readonly string[] = [
  'report-status',
  'side-band-64k',
  'quiet',
  'atomic',
  'ofs-delta',
  'no-thin',
  'delete-refs',
]

/**
 * Reads up to the flush, inclusive; the pack follows. Resolves with null for the lone flush that git sends before a
 * large push.
 */
export async function readReceiveRequest(source: ByteSource, format: ObjectFormat): Promise<ReceiveRequest | null> {
  const commands: RefCommand[] = []
  let capabilities: readonly string[] = []
  let shallow = 0
  for (let pkt = await readPkt(source); pkt?.kind !== 'flush'; pkt = await readPkt(source)) {
    if (pkt === null) throw new GitProtocolError('malformed', 'the body ended before the end of the commands')
    if (pkt.kind === 'delim') throw new GitProtocolError('malformed', 'a delimiter does not belong among the commands')
    const first = commands.length === 0
    if (first && isShallow(pkt.payload, format)) {
      if (++shallow > MAX_SHALLOW) throw new GitProtocolError('too-large', 'there are too many shallow lines')
      continue
    }
    if (commands.length >= MAX_COMMANDS)
      throw new GitProtocolError('too-large', `a push may name ${MAX_COMMANDS} refs at most`)
    const { line, declared } = splitCapabilities(pkt.payload, first)
    if (first) capabilities = declared
    commands.push(parseCommand(line, format))
  }
  if (commands.length === 0) {
    if (shallow > 0) throw new GitProtocolError('malformed', 'there are no commands')
    return null
  }
  refuseRepeats(
    commands.map((command) => command.ref),
    'a ref is named twice',
  )
  return { commands, shallow: shallow > 0, ...checkCapabilities(capabilities, format) }
}

function isShallow(payload: Buffer, format: ObjectFormat): boolean {
  const [, id] = /^shallow (.*?)\n?$/s.exec(payload.toString('latin1')) ?? []
  if (id === undefined) return false
  if (!isObjectId(id, format)) throw new GitProtocolError('malformed', `a shallow line must name a ${format} object id`)
  return true
}

function splitCapabilities(payload: Buffer, first: boolean): { line: string; declared: readonly string[] } {
  const nul = payload.indexOf(0)
  if (nul < 0) {
    // A push certificate starts with this line and would continue for many lines.
    if (payload.subarray(0, 9).toString('latin1') === 'push-cert')
      throw new GitProtocolError('unsupported', 'signed pushes are not offered')
    if (first) throw new GitProtocolError('malformed', 'the first command must carry capabilities')
    return { line: pktText(payload), declared: [] }
  }
  if (!first) throw new GitProtocolError('malformed', 'only the first command may carry capabilities')
  const declared = pktText(payload.subarray(nul + 1))
    .split(' ')
    .filter((word) => word !== '')
  // No line feed before the NUL: git would read it as a part of the name.
  return { line: decodeUtf8(payload.subarray(0, nul)), declared }
}

function parseCommand(line: string, format: ObjectFormat): RefCommand {
  const [old = '', next = '', ...rest] = line.split(' ')
  const ref = rest.join(' ')
  if (!isObjectId(old, format) || !isObjectId(next, format)) {
    throw new GitProtocolError('malformed', `a command must name two ${format} object ids`)
  }
  if (ref !== 'HEAD' && !isRefName(ref)) throw new GitProtocolError('malformed', 'a command must name a ref')
  if (old === next) throw new GitProtocolError('malformed', 'a command must change its ref')
  return { ref, old, new: next, kind: isZeroId(next) ? 'delete' : isZeroId(old) ? 'create' : 'update' }
}

function checkCapabilities(
  declared: readonly string[],
  format: ObjectFormat,
): { sideBand: boolean; notOffered: string[] } {
  refuseRepeats(
    declared.map((word) => word.split('=')[0] ?? ''),
    'a capability is named twice',
  )
  // Git would read the following text as its value.
  if (declared.includes('object-format')) throw new GitProtocolError('malformed', 'object-format needs a value')
  const objectFormat =
    declared.find((word) => word.startsWith('object-format='))?.slice('object-format='.length) ?? 'sha1'
  if (objectFormat !== format) throw new GitProtocolError('malformed', `this repository uses ${format}`)
  // Without it the client can't learn of a refusal, and git treats a missing report as success.
  if (!declared.includes('report-status'))
    throw new GitProtocolError('unsupported', 'a push must ask for report-status')
  const known = (word: string) => OFFERED.includes(word) || /^(object-format|agent)=[!-~]{1,256}$/.test(word)
  return {
    sideBand: declared.includes('side-band-64k'),
    notOffered: declared.filter((word) => !known(word)).map((word) => word.slice(0, 64)),
  }
}

function refuseRepeats(names: readonly string[], message: string): void {
  if (new Set(names).size !== names.length) throw new GitProtocolError('malformed', message)
}
