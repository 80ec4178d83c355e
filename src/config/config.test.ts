import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOfThisTest } from '../../test/test-folder.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigSources } from './config.ts'
import { readConfig } from './config.ts'

const PRESETS = ['built-in', 'claude-code', 'codex']

/** Makes a working folder whose `data` folder holds this configuration. */
function cwdWith(yaml?: string): string {
  const cwd = folderOfThisTest()
  mkdirSync(join(cwd, 'data'), { mode: 0o700 })
  if (yaml !== undefined) writeFileSync(join(cwd, 'data/glovebox.yaml'), yaml, { mode: 0o600 })
  return cwd
}

function read(yaml?: string, more: Partial<ConfigSources> = {}) {
  const cwd = cwdWith(yaml)
  return {
    cwd,
    config: readConfig({ env: {}, cwd, dataFolder: join(cwd, 'data'), flags: {}, presetAgents: PRESETS, ...more }),
  }
}

function errorOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no error'
}

describe('without a file', () => {
  test('has defaults', () => {
    const { cwd, config } = read()
    expect(config).toMatchObject({
      dataFolder: join(cwd, 'data'),
      advisories: { kind: 'upstream' },
      policies: { enable: [], folders: [] },
      services: [],
      sandbox: { kind: 'bubblewrap', uidRange: [700_000, 765_535], directory: join(cwd, 'data/sandboxes') },
    })
  })

  test('flags win over variables, and both are relative to the current folder', () => {
    const env = { GLOVEBOX_ADVISORIES: 'osv-env' }
    const { cwd, config } = read(undefined, { env })
    expect(config).toMatchObject({ advisories: { kind: 'osv-directory', path: join(cwd, 'osv-env') } })
    const flagged = read(undefined, { env, flags: { advisories: '/osv', sandbox: 'bubblewrap' } })
    expect(flagged.config).toMatchObject({ advisories: { path: '/osv' } })
  })

  test('offers docker beside bubblewrap if an image is set, with a socket path relative to the file', () => {
    const { cwd, config } = read('sandbox: {image: "node:24", socket: run/podman.sock, runtime: runsc}')
    expect(config.sandbox.kind).toBe('bubblewrap')
    expect(config.sandboxes).toMatchObject([
      { kind: 'bubblewrap' },
      { kind: 'docker', image: 'node:24', socket: join(cwd, 'data/run/podman.sock'), runtime: 'runsc' },
    ])
    const chosen = read('sandbox: {kind: docker, image: node}').config
    expect(chosen.sandbox).toMatchObject({ kind: 'docker', socket: '/var/run/docker.sock', runtime: null })
    expect(chosen.sandboxes.map(({ kind }) => kind)).toEqual(['docker', 'bubblewrap'])
  })

  test('passes only the needed variables to programs on the host', () => {
    const { config } = read(undefined, {
      env: { PATH: '/bin', HOME: '/home/a', npm_config_cafile: '/ca', AWS_SECRET_ACCESS_KEY: 'x', NO_COLOR: '1' },
    })
    expect(config.hostEnvironment).toEqual({ PATH: '/bin', HOME: '/home/a', npm_config_cafile: '/ca' })
    expect(config.colour).toBe(false)
  })
})

describe('the file', () => {
  test('is read, with paths relative to itself', () => {
    const { cwd, config } = read(`
      advisories: {kind: osv-directory, path: ../osv}
      policies: {enable: [solo], folders: [policies]}
      services: [nightly]
      sandbox: {uid-range: [800000, 800100], directory: /var/tmp/boxes}`)
    expect(config).toMatchObject({
      advisories: { kind: 'osv-directory', path: join(cwd, 'osv') },
      policies: { enable: ['solo'], folders: [join(cwd, 'data/policies')] },
      services: ['nightly'],
      sandbox: { uidRange: [800_000, 800_100], directory: '/var/tmp/boxes' },
    })
  })

  test('has model connections by name, with their defaults, and budgets and agents', () => {
    const { cwd, config } = read(`
      models:
        openai: {provider: openai, url: "https://api.openai.com/v1", models: [gpt-5]}
        corp:
          provider: anthropic
          url: https://llm.corp.example
          models: [claude]
          prices: {claude: {input: 3, output: 15}}
          credential: {from: file, path: keys/corp}
        vaulted:
          provider: openai-compatible
          url: http://127.0.0.1:11434
          models: [llama]
          credential: {from: vault, address: "https://vault", path: a, field: b, token: {from: file, path: token}}
      budgets: {run: {tokens: 1000}, day: {cost: 2.5}, tasks: {fix: {cost: 1}}}
      agents: {default: claude-code, folders: {codex: ../codex}}`)
    const data = join(cwd, 'data')
    expect(config.models).toMatchObject([
      { name: 'corp', credential: { from: 'file', path: join(data, 'keys/corp') }, currency: 'USD' },
      { name: 'openai', credential: { from: 'stored' }, prices: {}, 'server-tools': [] },
      { name: 'vaulted', credential: { mount: 'secret', token: { path: join(data, 'token') } } },
    ])
    expect(config.budgets).toEqual({ run: { tokens: 1000 }, day: { cost: 2.5 }, tasks: { fix: { cost: 1 } } })
    expect(config.agents).toEqual({ default: 'claude-code', folders: { codex: join(cwd, 'codex') } })
    expect(read().config).toMatchObject({ models: [], budgets: { tasks: {} }, agents: { folders: {} } })
  })

  test('sets how long an agent waits for a person; the default is ten minutes', () => {
    expect(read('agents: {ask-minutes: 1440}').config.askMinutes).toBe(1440)
    expect(read('agents: {ask-minutes: 1}').config.askMinutes).toBe(1)
    expect(read('agents: {default: codex}').config.askMinutes).toBe(10)
    expect(read().config.askMinutes).toBe(10)
  })

  test('names hosts and toolchains for tasks', () => {
    const { cwd, config } = read(
      'reach: {github: {git: [github.com]}}\ntoolchains: {node-20: tools/node-20, node-22: /opt/n}',
    )
    expect(config.reach).toEqual({ github: { git: ['github.com'], read: [] } })
    expect(config.toolchains).toEqual({ 'node-20': join(cwd, 'data/tools/node-20'), 'node-22': '/opt/n' })
  })

  test('adds kinds of protected paths', () => {
    const { config } = read(
      'protected-paths:\n  database: {paths: [db/migrations/], why: it runs}\n  git: {paths: [.x]}',
    )
    expect(config.protectedPaths).toEqual([
      { kind: 'database', why: 'it runs', paths: ['db/migrations/'] },
      { kind: 'git', why: 'protected by the configuration', paths: ['.x'] },
    ])
    expect(read().config.protectedPaths).toEqual([])
  })

  test.each([
    [
      'a protected path that removes one',
      'protected-paths: {git: {paths: ["!.gitattributes"]}}',
      /protected-paths\.git\.paths\[0\].*only add/,
    ],
    ['a kind without paths', 'protected-paths: {database: {why: x}}', /protected-paths\.database.*paths/],
    ['a host with a scheme', 'reach: {x: {git: ["https://github.com"]}}', /reach\.x\.git\[0\]/],
    ['the built-in toolchain', 'toolchains: {built-in: /opt/n}', /built-in/],
  ])('refuses %s by name', (_, text, expected) => {
    expect(() => read(text)).toThrow(expected)
  })

  test('may hold only comments', () => {
    expect(read('# nothing yet\n').config.services).toEqual([])
  })

  test.each([
    ['unknown key', 'polices: {}', /bad-file: .*glovebox\.yaml:1:1: unknown key `polices`; did you mean `policies`\?/],
    [
      'unknown key inside',
      'policies:\n  enabled: [solo]',
      /glovebox\.yaml:2:3: unknown key `enabled` in policies; did you mean `enable`\?/,
    ],
    ['wrong type', 'services: nightly', /glovebox\.yaml:1:11: services must be a list, not a text/],
    ['service name', 'services: ["a b"]', /glovebox\.yaml:1:12: services\[0\] can't be `a b`/],
    ['uid 0', 'sandbox: {uid-range: [0, 10]}', /sandbox\.uid-range\[0\] is too small; at least 1/],
    ['uid range backwards', 'sandbox: {uid-range: [10, 1]}', /the first uid is above the last/],
    ['unknown sandbox', 'sandbox: {kind: dokcer}', /sandbox\.kind can't be `dokcer`; did you mean `docker`\?/],
    ['docker without an image', 'sandbox: {kind: docker}', /sandbox kind docker needs an image: set sandbox\.image/],
    ['an image with options', 'sandbox: {image: --all}', /sandbox\.image can't be `--all`/],
    ['an image that leaves its URL', 'sandbox: {image: "a?x=1"}', /sandbox\.image can't be `a\?x=1`/],
    [
      'an engine on another host',
      'sandbox: {socket: "tcp://host:2375"}',
      /sandbox\.socket.*the engine must run on this host/,
    ],
    ['unknown runtime', 'sandbox: {runtime: kata}', /sandbox\.runtime can't be `kata`; one of: runc, crun, runsc/],
    ['advisories without a path', 'advisories: {kind: osv-directory}', /advisories/],
    ['the same key twice', 'services: []\nservices: [x]', /glovebox\.yaml:2:1: `services` appears twice/],
    ['broken YAML', 'services: [', /glovebox\.yaml:1:\d+/],
    [
      'a connection without a provider',
      'models: {a: {url: "http://x", models: [m]}}',
      /models\.a\.provider is missing/,
    ],
    ['a connection name', 'models: {"A b": {}}', /`A b` is not a valid name; lowercase letters, digits and dashes/],
    [
      'a key in a URL',
      `models: {a: {provider: openai, models: [m], url: "https://u:p@x"}}`,
      /models\.a\.url: a URL without user, password, query and fragment; keys are credentials/,
    ],
    [
      'an unknown source of a key',
      `models: {a: {provider: openai, models: [m], url: "https://x", credential: {from: keychain}}}`,
      /models\.a\.credential\.from can't be `keychain`; one of: stored, environment, file, command, vault, none/,
    ],
    [
      'a key in plain text',
      `models: {a: {provider: openai, models: [m], url: "https://x", credential: {from: stored, value: sk-1}}}`,
      /unknown key `value` in models\.a\.credential/,
    ],
    ['a budget of zero', 'budgets: {run: {tokens: 0}}', /budgets\.run\.tokens is too small/],
    ['no time to answer', 'agents: {ask-minutes: 0}', /:1:\d+: agents\.ask-minutes is too small; at least 1$/],
    ['a week to answer', 'agents: {ask-minutes: 10080}', /:1:\d+: agents\.ask-minutes is too large; at most 1440$/],
    ['half a minute', 'agents: {ask-minutes: 0.5}', /agents\.ask-minutes must be a whole number, not a fraction/],
    ['a time with a unit', 'agents: {ask-minutes: 10m}', /agents\.ask-minutes must be a number, not a text/],
    [
      'an unknown default agent',
      'agents: {default: codx}',
      /:1:19: agents\.default names `codx`, but there is no such agent; did you mean `codex`\?/,
    ],
    [
      'a folder of an unknown agent',
      'agents: {folders: {claude-cod: /opt/c}}',
      /:1:20: agents\.folders names `claude-cod`, but there is no such agent; did you mean `claude-code`\?/,
    ],
    ['an unknown budget', 'budgets: {week: {tokens: 1}}', /unknown key `week` in budgets/],
    ['empty value', 'policies:', /policies must be a mapping, not empty/],
  ])('is refused: %s', (_, yaml, expected) => {
    expect(errorOf(() => read(yaml))).toMatch(expected)
  })
})

test('refuses a file that every user may write', () => {
  const cwd = cwdWith('services: []')
  chmodSync(join(cwd, 'data/glovebox.yaml'), 0o666)
  const refused = errorOf(() =>
    readConfig({ env: {}, cwd, dataFolder: join(cwd, 'data'), flags: {}, presetAgents: PRESETS }),
  )
  expect(refused).toMatch(/unsafe-file: .*every user may write it/)
})

describe('bad variables and flags stop the start and are named', () => {
  test.each([
    [{ GLOVEBOX_DATAS: 'x' }, /unknown-variable: unknown variable GLOVEBOX_DATAS; did you mean `GLOVEBOX_DATA`\?/],
    [{ GLOVEBOX_POLICY: 'off' }, /unknown-variable: unknown variable GLOVEBOX_POLICY; known: /],
    [{ GLOVEBOX_DATA: '' }, /bad-variable: GLOVEBOX_DATA is empty/],
    [{ GLOVEBOX_DEBUG: 'yes please' }, /bad-variable: GLOVEBOX_DEBUG can't be `yes please`/],
    [{ GLOVEBOX_SANDBOX: 'none' }, /bad-variable: GLOVEBOX_SANDBOX can't be `none`; known: bubblewrap, docker/],
    [{ GLOVEBOX_SANDBOX: 'dokcer' }, /bad-variable: GLOVEBOX_SANDBOX can't be `dokcer`; did you mean `docker`\?/],
  ])('%j', (env, expected) => {
    expect(errorOf(() => read(undefined, { env }))).toMatch(expected)
  })

  test('flags', () => {
    expect(errorOf(() => read(undefined, { flags: { advisories: '' } }))).toMatch(
      /bad-flag: --advisories needs a folder/,
    )
    expect(errorOf(() => read(undefined, { flags: { sandbox: 'none' } }))).toMatch(
      /bad-flag: --sandbox can't be `none`/,
    )
  })

  test('accepts the variables that a sandbox sets', () => {
    expect(read(undefined, { env: { GLOVEBOX_TASK: 'y', GLOVEBOX_ARTIFACTS: '/tmp/a' } }).config.services).toEqual([])
  })
})
