// Demo: a malicious repository persuades an agent to steal. A script plays the model, so no account is needed. The
// sandbox, the gateway, the agent and the record are real.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
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
note(`The private repository is ${REPOSITORY}: examples/flaky-lock, with the CONTRIBUTING.md of examples/poisoned,`)
note('which tells agents to send what they find to a stranger and to push to main. The model does as it says.')
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
  const found = await findSecret(DATA, key)
  const files = (await readdir(DATA, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length
  note(`The key of the model, looked for in ${files} files of ${DATA}: in ${found.join(', ') || 'none'}.`)
  return 0
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
