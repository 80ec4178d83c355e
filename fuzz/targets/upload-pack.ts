// Target: requests to upload-pack. The request written for git must parse as the same request, and git must accept each
// line.
import { readFetchRequest, type FetchRequest } from '../../src/gateway/git/fetch-request.ts'
import { GitProtocolError } from '../../src/gateway/git/git-protocol-error.ts'
import { DELIM, FLUSH } from '../../src/gateway/git/pkt-line.ts'
import { isObjectId, zeroId } from '../../src/git/object-id.ts'
import { framedInput, pktStream, rawInput } from '../framed.ts'
import { memorySource } from '../memory-source.ts'
import { runGit, withRepository } from '../oracles/git.ts'
import { attemptAsync, must, mustEqual, type Target, Violation } from '../target.ts'

function optionsOf(input: Uint8Array): { version: 0 | 2; format: 'sha1' | 'sha256' } {
  const mode = input[0] ?? 0
  return { version: (mode & 4) === 0 ? 2 : 0, format: (mode & 2) === 0 ? 'sha1' : 'sha256' }
}

function parse(stream: Buffer, input: Uint8Array): Promise<FetchRequest | null> {
  return readFetchRequest(memorySource(stream), optionsOf(input))
}

async function run(input: Uint8Array): Promise<string> {
  const { version, format } = optionsOf(input)
  const read = await attemptAsync(() => parse(pktStream(input), input), GitProtocolError)
  if (read.value === null) return read.why ?? 'nothing'
  const { command, wants, haves, shallows } = read.value
  for (const id of [...wants, ...haves, ...shallows]) must(isObjectId(id, format), () => `${id} is not an object id`)
  must(wants.length <= 256, () => 'too many wants')
  const all = new Set([...haves, ...shallows])
  const encoded = read.value.encode(all)
  const again = await parse(encoded, input)
  mustEqual([again?.command, again?.wants, again?.haves, again?.shallows], [command, wants, haves, shallows], 'again')
  must(again?.encode(all).equals(encoded) ?? false, () => 'differs after writing again')
  const blind = await parse(read.value.encode(new Set()), input)
  const known = [...(blind?.haves ?? []), ...(blind?.shallows ?? [])].filter((id) => id !== zeroId(format))
  mustEqual(known, [], 'ids that the client may not know are passed on')
  mustEqual(blind?.wants, wants, 'wants without haves')
  return `taken: v${version} ${command} ${format} ${wants.length > 1} ${haves.length > 0} ${shallows.length > 0}`
}

// Messages with which upload-pack and its v2 server refuse an unreadable line.
const UNREADABLE =
  /unexpected line|unexpected first|unknown (object|capability|command)|protocol error|bad line|invalid command|mismatched|no command/

async function witness(inputs: readonly Uint8Array[]): Promise<void> {
  const mine = inputs.filter((input) => optionsOf(input).format === 'sha1')
  const requests = await Promise.all(mine.map((input) => parse(pktStream(input), input)))
  withRepository('sha1', (repository) => {
    const commit = makeCommit(repository)
    for (const [at, input] of mine.entries()) {
      const text = requests[at]?.encode(new Set(requests[at].haves)).toString('latin1') ?? ''
      // Git stops at the first object that it does not have.
      const body = Buffer.from(text.replaceAll(/want [0-9a-f]{40}/g, `want ${commit}`), 'latin1')
      const env = optionsOf(input).version === 2 ? { GIT_PROTOCOL: 'version=2' } : {}
      const { stderr, stdout } = runGit(
        ['upload-pack', '--stateless-rpc', repository],
        body,
        env as Record<string, string>,
      )
      if (UNREADABLE.test(stderr) || UNREADABLE.test(stdout.toString('latin1')))
        throw new Violation(`git refuses a line: ${stderr}`, input)
    }
  })
}

function makeCommit(repository: string): string {
  const who = 'a <a@example.com> 1700000000 +0000'
  const git = (args: readonly string[], text: string) =>
    runGit(['-C', repository, ...args], Buffer.from(text))
      .stdout.toString()
      .trim()
  const tree = git(['hash-object', '-w', '-t', 'tree', '--stdin'], '')
  const commit = git(
    ['hash-object', '-w', '-t', 'commit', '--stdin'],
    `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nx\n`,
  )
  git(['update-ref', 'refs/heads/main', commit], '')
  return commit
}

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)]
const V2 = ['command=fetch', 'agent=git/2.39.5', 'object-format=sha1'] as const

function withMode(mode: number, input: Buffer): Buffer {
  return Buffer.concat([Buffer.of(mode), input.subarray(1)])
}

export const target: Target = {
  name: 'upload-pack',
  covers: ['src/gateway/git/fetch-request.ts', 'src/gateway/git/pkt-line.ts', 'src/git/ref-name.ts'],
  dictionary: [
    ...[
      'want ',
      'have ',
      'shallow ',
      'deepen ',
      'deepen-since ',
      'deepen-not ',
      'deepen-relative',
      'done',
      'ref-prefix ',
    ],
    ...[A, B, '0'.repeat(40), 'a'.repeat(64), 'refs/heads/main', 'HEAD', 'command=ls-refs', 'command=fetch'],
    ...[
      'peel',
      'symrefs',
      'unborn',
      'thin-pack',
      'ofs-delta',
      'no-progress',
      'include-tag',
      'wait-for-done',
      'filter ',
    ],
    ...[
      ' multi_ack_detailed',
      ' no-done',
      ' side-band-64k',
      ' agent=x',
      ' object-format=sha1',
      ' allow-tip-sha1-in-want',
    ],
    ...['\u00fe', '\u00fd', '\n', '\0', ' ', '-', 'server-option=x', 'object-format=sha256'],
  ],
  seeds: () => [
    framedInput(['command=ls-refs\n', ...V2.slice(1), DELIM, 'peel\n', 'symrefs\n', 'ref-prefix refs/heads/\n', FLUSH]),
    framedInput([...V2, DELIM, 'thin-pack', 'ofs-delta', `want ${A}\n`, `have ${B}\n`, 'done\n', FLUSH]),
    framedInput([...V2, DELIM, `shallow ${B}`, 'deepen 1', 'deepen-not main', `want ${A}`, `have ${B}`, FLUSH]),
    withMode(
      5,
      framedInput([
        `want ${A} multi_ack_detailed side-band-64k agent=git/2.39\n`,
        `want ${B}`,
        FLUSH,
        `have ${B}`,
        'done',
      ]),
    ),
    withMode(5, framedInput([`want ${A} ofs-delta`, `shallow ${B}`, 'deepen 2', FLUSH, 'done\n'])),
    withMode(3, framedInput(['command=fetch', 'object-format=sha256', DELIM, `want ${'a'.repeat(64)}`, 'done', FLUSH])),
    rawInput(Buffer.from('0014command=ls-refs\n00010009peel\n0000')),
    rawInput(FLUSH),
  ],
  run,
  witness,
}
