// A denied request, the command that the summary offers, and the request that is then allowed.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onPseudoTerminal } from '../cli/pseudo-terminal.ts'
import { makeDataFolder } from '../data-folder.ts'
import { type Bench, makeRepository, openBench, PROJECT } from './glovebox.ts'

const HOST = 'data.example.com'
const CONFIGURATION = '# Mine.\npolicies: { enable: [solo] } # alone\nreach: { github: { git: [github.com] } }\n'
const TASK = `name: fetch-data
description: Fetch
mode: read-only
steps:
  - run: curl -s https://${HOST}/file; curl -s -X POST https://${HOST}/; curl -s https://other.example.com/; true
`

let bench: Bench
let repository: string
beforeAll(async () => {
  bench = await openBench({ npm_config_registry: 'https://packages.example.org/npm/' })
  await makeDataFolder(bench.data, CONFIGURATION)
  repository = await makeRepository(bench.folder, 'project', { '.glovebox/tasks/fetch-data.yaml': TASK })
})
afterAll(() => bench[Symbol.asyncDispose]())

const allow = (...argv: string[]) => bench.glovebox('policy', 'allow', ...argv)
const configuration = () => readFileSync(join(bench.data, 'glovebox.yaml'), 'utf8')

/** For each request: method, host, and whether a policy allowed it, with its ids. */
async function decisions(): Promise<string[]> {
  const events = await bench.events('latest', 'net.requested')
  return events.map(
    ({ body }) =>
      `${body.method} ${URL.parse(body.url)?.host} ${body.decision.allowed} ${body.decision.reasons.join()}`,
  )
}

test('a run says which command permits what was denied; after it, exactly that is allowed', async () => {
  const denied = await bench.glovebox('run', 'fetch-data', '--repo', repository)
  expect(denied.stdout).toContain(`  GET https://${HOST}/file: no policy permits it\n`)
  expect(denied.stdout).toMatch(
    new RegExp(`^ {2}to permit it: \\S*glovebox policy allow ${HOST} --task fetch-data$`, 'm'),
  )
  expect(denied.stdout).toContain(`policy allow ${HOST} --method POST --task fetch-data\n`)
  expect(await decisions()).toEqual([`GET ${HOST} false `, `POST ${HOST} false `, 'GET other.example.com false '])

  const { code, stdout } = await allow(HOST, '--task', 'fetch-data', '--yes')
  expect(code).toBe(0)
  const file = join(bench.data, 'policies', `allow-fetch-data-${HOST}.cedar`)
  expect(stdout).toContain(`# ${file}\n${readFileSync(file, 'utf8')}`)
  expect(stdout).toContain(`# ${join(bench.data, 'glovebox.yaml')}\n${configuration()}`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(configuration()).toContain('# Mine.\n')
  expect(configuration()).toContain('# alone')
  expect((await bench.glovebox('policy', 'list')).stdout).toMatch(
    new RegExp(`^allow-fetch-data-${HOST} +in force`, 'm'),
  )
  expect((await bench.glovebox('policy', 'list')).stdout).toMatch(/^solo +in force/m)

  await bench.glovebox('run', 'fetch-data', '--repo', repository)
  expect(await decisions()).toEqual([
    `GET ${HOST} true allow-fetch-data-${HOST}`,
    `POST ${HOST} false `,
    'GET other.example.com false ',
  ])
  const again = await allow(HOST, '--task', 'fetch-data', '--yes')
  expect(again).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`already, by policy allow-fetch-data-${HOST}`),
  })
})

test.each([
  ['a guardrail', ['metadata.google.internal'], 3, /no-metadata-addresses forbids it/],
  ['a registry', ['packages.example.org'], 2, /reach: \[npm\]/],
  ['a host of the configuration', ['github.com'], 2, /reach: \[github\]/],
  ['an address', ['10.0.0.1'], 2, /is not a host/],
  ['a pattern', ['*.example.com'], 2, /is not a host/],
  ['a URL', ['https://example.com/x'], 2, /is not a host/],
  ['a host that is code', ['x.com" || true || "'], 2, /is not a host/],
  ['a service', ['example.com', '--as', 'service:x'], 2, /A service writes no policies/],
])('refuses %s and writes nothing', async (_, argv, code, says) => {
  const before = [configuration(), readdirSync(bench.data).toSorted()]
  expect(await allow(...argv, '--task', 'fetch-data', '--yes')).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringMatching(says),
  })
  expect([configuration(), readdirSync(bench.data).toSorted()]).toEqual(before)
})

test('asks a person, shows the whole policy first, and writes only after a yes', async () => {
  const file = join(bench.data, 'policies', 'allow-asked-example.com.cedar')
  const argv = [
    join(PROJECT, 'bin/glovebox'),
    'policy',
    'allow',
    'example.com',
    '--task',
    'asked',
    '--data',
    bench.data,
  ]
  const env = { PATH: process.env['PATH'] ?? '', HOME: bench.folder, NO_COLOR: '1' }
  for (const [answer, status] of [
    ['no', 2],
    ['yes', 0],
  ] as const) {
    const seen = await onPseudoTerminal(argv, { cwd: bench.folder, env, dialogue: [['(yes/no)', `${answer}\n`]] })
    expect(seen.screen).toContain('@id("allow-asked-example.com")\npermit (')
    expect(seen.status).toBe(status)
    expect(existsSync(file)).toBe(answer === 'yes')
  }
  expect(await allow('example.org', '--task', 'asked')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --yes'),
  })
})
