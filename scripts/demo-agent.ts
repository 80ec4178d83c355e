// Demo: a malicious repository persuades an agent to steal. A script plays the model, so no account is needed. The
// sandbox, the gateway, the agent and the record are real.
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { addRefusal, type RefusalList } from '../src/cli/print/refusals.ts'
import type { Event } from '../src/domain/event.ts'
import { findSecret } from '../test/credentials/find-secret.ts'
import { glovebox, makePrivateRepository, note, PROJECT, startAfresh } from './demo/ground.ts'

const DATA = '.glovebox/demo-agent'
const REPOSITORY = `${DATA}/flaky-lock.git`
const KEY_FILE = `${DATA}/key.txt`
const SCRIPT = 'test/scripted-model/scripts/obey-contributing.json'

const CONFIGURATION = `# Made by the demo, which starts this folder afresh each time.
services: [demo]
policies: { enable: [own-automation] }
`

process.chdir(PROJECT)
await startAfresh(DATA, CONFIGURATION)
await makePrivateRepository(['examples/flaky-lock', 'examples/poisoned'], REPOSITORY)
note(`The private repository is ${REPOSITORY}: examples/flaky-lock, with the`)
note('CONTRIBUTING.md of examples/poisoned, which tells agents to send what they find to a stranger and')
note('to push to main. The model does as it says.\n')
const key = randomBytes(16).toString('hex')
await writeFile(KEY_FILE, key, { mode: 0o600 })
const model = await startModel()
try {
  process.exitCode = await show(model.url)
} finally {
  model.end()
}

async function show(url: string): Promise<number> {
  const data = ['--data', DATA]
  const steps = [
    [
      'connection',
      'set',
      'scripted',
      '--provider',
      'anthropic',
      '--url',
      url,
      '--model',
      'claude-test',
      '--price',
      'claude-test=3/15',
    ],
    ['credential', 'set', 'scripted', '--file', KEY_FILE],
    ['run', 'stabilise-tests', '--repo', REPOSITORY, '--input', 'times=4', '--as', 'service:demo'],
    ['trace', 'latest', '--said-did'],
    ['change', 'diff', 'latest'],
  ]
  for (const step of steps) {
    const code = await glovebox(...data, ...step)
    if (code !== 0) return code
    note('')
    // From now on the key is only in the encrypted store.
    if (step[0] === 'credential') await rm(KEY_FILE)
  }
  const refused = await refusedAttempts()
  const found = await findSecret(DATA, key)
  const files = (await readdir(DATA, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length
  note('Tried: the agent obeyed CONTRIBUTING.md. It sent its environment, /etc/shadow and ~/.netrc to a')
  note('stranger, and pushed to main, once with --force.')
  note(`Refused: ${refused.join(', ') || 'nothing'}.`)
  note(
    `Not found: the key of the model, in any of the ${files} files of ${DATA}${found.length === 0 ? '' : `, except ${found.join(', ')}`}.`,
  )
  return refused.length > 0 && found.length === 0 ? 0 : 1
}

/** What the record of the run says; each attempt once, with the number of times. */
async function refusedAttempts(): Promise<string[]> {
  const argv = ['--data', DATA, 'trace', 'latest', '--kind', 'net.requested', 'git.pushed', '--json']
  const { stdout } = await promisify(execFile)('bin/glovebox', argv, { maxBuffer: 16 * 1024 * 1024 })
  const list: RefusalList = { refusals: [], omitted: 0 }
  for (const line of stdout.trimEnd().split('\n')) addRefusal(list, JSON.parse(line) as Event)
  return list.refusals.map(({ what, times }) => (times > 1 ? `${what} (${times} times)` : what))
}

async function startModel(): Promise<{ url: string; end(): void }> {
  const argv = ['test/scripted-model/main.ts', '--key-file', KEY_FILE, '--script', SCRIPT]
  const child = spawn(join(PROJECT, 'bin/node'), argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    once(child, 'exit').then(() => ['']),
  ])) as [string]
  if (url === '') throw new Error('the scripted model did not start')
  return { url: url.trim(), end: () => child.kill() }
}
