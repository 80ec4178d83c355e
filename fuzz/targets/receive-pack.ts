// Target: the commands of a push. git's own receive-pack must read the same ref names in an accepted push.
import { GitProtocolError } from '../../src/gateway/git/git-protocol-error.ts'
import { DELIM, encodePkt, FLUSH } from '../../src/gateway/git/pkt-line.ts'
import { readReceiveRequest, type ReceiveRequest } from '../../src/gateway/git/receive-request.ts'
import { isObjectId, isZeroId, type ObjectFormat } from '../../src/git/object-id.ts'
import { isRefName } from '../../src/git/ref-name.ts'
import { framedInput, pktStream, rawInput } from '../framed.ts'
import { memorySource } from '../memory-source.ts'
import { runGit, withRepository } from '../oracles/git.ts'
import { attemptAsync, must, mustEqual, type Target, Violation } from '../target.ts'

const EMPTY_PACK = {
  sha1: Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex'),
  sha256: Buffer.from(
    '5041434b00000002000000007ed890d8a45760f3eecf73045b1d1047085af4776dc683d78eac82203df1993f',
    'hex',
  ),
} as const

function formatOf(input: Uint8Array): ObjectFormat {
  return ((input[0] ?? 0) & 2) === 0 ? 'sha1' : 'sha256'
}

async function run(input: Uint8Array): Promise<string> {
  const format = formatOf(input)
  const source = memorySource(pktStream(input))
  const read = await attemptAsync(() => readReceiveRequest(source, format), GitProtocolError)
  if (read.value === null) return read.why ?? 'an empty push'
  checkCommands(read.value, format)
  const again = await readReceiveRequest(memorySource(written(read.value, format)), format)
  mustEqual(again?.commands, read.value.commands, 'read, written, read')
  const kinds = new Set(read.value.commands.map((command) => command.kind))
  const { sideBand, shallow, notOffered } = read.value
  return `taken: ${[...kinds].toSorted().join('+')} ${sideBand} ${shallow} ${notOffered.length > 0} ${format}`
}

function checkCommands({ commands }: ReceiveRequest, format: ObjectFormat): void {
  must(commands.length > 0 && commands.length <= 64, () => `${commands.length} commands`)
  must(new Set(commands.map((command) => command.ref)).size === commands.length, () => 'a ref is named twice')
  for (const command of commands) {
    must(command.ref === 'HEAD' || isRefName(command.ref), () => `${JSON.stringify(command.ref)} is not a ref`)
    must(isObjectId(command.old, format) && isObjectId(command.new, format), () => 'an object id is invalid')
    const kind = isZeroId(command.new) ? 'delete' : isZeroId(command.old) ? 'create' : 'update'
    must(command.kind === kind && command.old !== command.new, () => `${command.kind} is ${kind}`)
  }
}

function written({ commands }: ReceiveRequest, format: ObjectFormat): Buffer {
  const lines = commands.map(
    (command, at) =>
      `${command.old} ${command.new} ${command.ref}${at === 0 ? `\0report-status object-format=${format}` : ''}`,
  )
  return Buffer.concat([...lines.map(encodePkt), FLUSH])
}

async function witness(inputs: readonly Uint8Array[]): Promise<void> {
  for (const format of ['sha1', 'sha256'] as const) {
    const cases = await Promise.all(inputs.filter((input) => formatOf(input) === format).map(headOf))
    if (cases.length === 0) continue
    withRepository(format, (repository) => {
      for (const { input, head, refs } of cases) {
        const { reported, stderr } = gitReads(repository, Buffer.concat([head, EMPTY_PACK[format]]))
        if (JSON.stringify(reported) === JSON.stringify(refs)) continue
        throw new Violation(`git reads ${JSON.stringify(reported)}, not ${JSON.stringify(refs)}: ${stderr}`, input)
      }
    })
  }
}

async function headOf(input: Uint8Array): Promise<{ input: Uint8Array; head: Buffer; refs: string[] }> {
  const stream = pktStream(input)
  const source = memorySource(stream)
  const request = await readReceiveRequest(source, formatOf(input))
  const head = stream.subarray(0, stream.length - source.rest().length)
  return { input, head, refs: (request?.commands ?? []).map((command) => command.ref) }
}

/** Refs in git's report, with or without side bands. */
function gitReads(repository: string, body: Buffer): { reported: string[]; stderr: string } {
  const { stdout, stderr } = runGit(['receive-pack', '--stateless-rpc', repository], body)
  const matches = stdout.toString('utf8').matchAll(/[0-9a-f]{4}(?:ok|ng) (\S+)/g)
  return { reported: [...matches].map((match) => match[1] as string), stderr }
}

const [A, B, ZERO] = ['a'.repeat(40), 'b'.repeat(40), '0'.repeat(40)]
const CAPABILITIES = 'report-status side-band-64k object-format=sha1 agent=git/2.39.5'

export const target: Target = {
  name: 'receive-pack',
  covers: ['src/gateway/git/receive-request.ts', 'src/gateway/git/pkt-line.ts', 'src/git/object-id.ts'],
  dictionary: [
    ...[A, B, ZERO, 'A'.repeat(40), 'a'.repeat(64), '0'.repeat(64)].flatMap((id) => [id, `${id} `]),
    ...['refs/heads/main', 'refs/tags/v1', 'refs/heads/x', 'refs/', 'HEAD', 'refs/heads/\u00e9', '.lock', '@{', '..'],
    ...['\0report-status', ' side-band-64k', ' atomic', ' push-options', ' push-cert=x', ' object-format=sha256'],
    ...['shallow ', `shallow ${A}`, 'push-cert\0', ' report-status-v2', ' agent=x', ' quiet', '\0', '\n', ' '],
  ],
  seeds: () => [
    // Request of git 2.39.
    framedInput([`${ZERO} ${A} refs/heads/main\0 ${CAPABILITIES}`, FLUSH]),
    framedInput([`${A} ${B} refs/heads/x\0 ${CAPABILITIES}`, `${A} ${ZERO} refs/tags/v1\n`, FLUSH]),
    framedInput([`shallow ${B}`, `${ZERO} ${A} refs/heads/main\0report-status atomic push-options`, FLUSH]),
    framedInput([`${ZERO} ${A} HEAD\0report-status`, DELIM, FLUSH]),
    framedInput([`push-cert\0${CAPABILITIES}`, 'certificate version 0.1', FLUSH]),
    Buffer.concat([
      Buffer.of(3),
      framedInput([`${'0'.repeat(64)} ${'c'.repeat(64)} refs/heads/main\0report-status object-format=sha256`, FLUSH]),
    ]),
    rawInput(Buffer.concat([encodePkt(`${ZERO} ${A} refs/heads/main\0 ${CAPABILITIES}`), FLUSH, EMPTY_PACK.sha1])),
    rawInput(FLUSH),
  ],
  run,
  witness,
}
