// Target: names of refs, compared with git's own check: receive-pack reports `funny refname` for an invalid one.
import { encodePkt, FLUSH } from '../../src/gateway/git/pkt-line.ts'
import { isBranchName, isRefName } from '../../src/git/ref-name.ts'
import { runGit, withRepository } from '../oracles/git.ts'
import { must, type Target, Violation } from '../target.ts'

const MAX_BYTES = 250

function run(input: Uint8Array): string {
  const name = Buffer.from(input).toString('utf8')
  const [ref, branch] = [isRefName(name), isBranchName(name)]
  if (branch) must(isRefName(`refs/heads/${name}`) && !name.startsWith('-'), () => 'a branch is not a ref')
  if (ref) must(Buffer.byteLength(name) <= MAX_BYTES && name.isWellFormed(), () => 'a ref is too long, or not text')
  const full = fullName(input)
  if (full === null) return `${ref} ${branch}`
  return `taken: ${isRefName(full)} ${ref} ${branch}`
}

/** Full ref name from the input, for names on which git and our rule must agree; null for all others. */
function fullName(input: Uint8Array): string | null {
  const text = Buffer.from(input).toString('utf8')
  const name = text.startsWith('refs/') ? text : `refs/heads/${text}`
  const ours = /[\u0000-\u001f\u007f\ufffd]/.test(name) || Buffer.byteLength(name) > MAX_BYTES
  // receive-pack, unlike `git check-ref-format`, requires at least two levels after `refs/`.
  return ours || !name.slice('refs/'.length).includes('/') ? null : name
}

function witness(inputs: readonly Uint8Array[]): void {
  const names = new Map(inputs.flatMap((input) => [[fullName(input) ?? 'refs/heads/x', input] as const]))
  const [one, zero] = ['a'.repeat(40), '0'.repeat(40)]
  const lines = [...names.keys()].map((name, at) =>
    encodePkt(`${one} ${zero} ${name}${at === 0 ? '\0report-status' : ''}`),
  )
  const { stdout } = withRepository('sha1', (repository) =>
    runGit(['receive-pack', '--stateless-rpc', repository], Buffer.concat([...lines, FLUSH])),
  )
  const report = stdout.toString('utf8')
  for (const [name, input] of names) {
    const seen = report.includes(`ok ${name}\n`) || report.includes(`ng ${name} `)
    const refused = report.includes(`ng ${name} funny refname\n`)
    if (seen && refused !== isRefName(name)) continue
    throw new Violation(`git ${seen ? (refused ? 'refuses' : 'takes') : 'does not see'} ${JSON.stringify(name)}`, input)
  }
}

export const target: Target = {
  name: 'ref-name',
  covers: ['src/git/ref-name.ts'],
  dictionary: [
    'refs/',
    'refs/heads/',
    '.lock',
    '..',
    '@{',
    '@',
    '//',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    '/.',
    './',
    '\u00e9',
    '\ufffd',
    'HEAD',
    '-',
  ],
  maxBytes: 300,
  seeds: () => [
    'refs/heads/main',
    'refs/tags/v1.0',
    'feature/x',
    'a.lock',
    'a.lock/b',
    '@',
    '.a/b',
    '\u00fcbung',
    'refs/x',
  ],
  run,
  witness,
}
