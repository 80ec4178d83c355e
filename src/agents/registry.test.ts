// The launch options of the presets. Everything in them is visible inside the sandbox.
import { describe, expect, test } from 'vitest'
import { AgentDefinition } from '../domain/agent-definition.ts'
import { agentRegistry } from './registry.ts'
import type { AgentKind, LaunchOptions } from './types.ts'

const HOME = '/home/glovebox/agent'

function optionsFor({ wires }: AgentKind): LaunchOptions {
  const wire = wires[0]!
  const model = { connection: 'main', model: 'm-1', wire, url: 'http://127.0.0.1:8118/models/main', dummyKey: 'dummy' }
  return { model, folder: '/opt/agent', home: HOME, cwd: '/workspace/repo', maxTurns: 7, prompt: 'Fix {model}; $(id)' }
}

const presets = agentRegistry([])
const kinds = presets.names.map((name) => presets.get(name)!)

test('offers exactly the known agents by name', () => {
  expect(presets.names).toEqual([
    'built-in',
    'claude-code',
    'claude-code-plain',
    'codex',
    'codex-plain',
    'gemini-cli',
    'gemini-cli-plain',
    'opencode',
    'opencode-plain',
    'openhands',
  ])
  expect(presets.get('constructor')).toBeNull()
})

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  const launch = kind.launch(optionsFor(kind))
  const told = JSON.stringify([launch.argv, launch.env, launch.files.map(({ content }) => content)])

  test('calls its model at the connection, bypassing the proxy, with a dummy key', () => {
    expect(told).toContain('http://127.0.0.1:8118/models/main')
    expect(told).toContain('dummy')
    expect(told).toContain('m-1')
    expect(launch.env).toMatchObject({ HOME, NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' })
    expect(told).not.toMatch(/sk-|https:\/\/api\./)
  })

  test('starts from its folder, by argv, with files only below its home', () => {
    expect(launch.argv.join(' ')).toMatch(/\/opt\/agent(\/|$)/)
    for (const { target } of launch.files) expect(target.startsWith(`${HOME}/`)).toBe(true)
    if (kind.program !== null) expect(launch.argv.join(' ')).toContain(`/opt/agent/${kind.program}`)
  })

  test('gets its prompt unchanged, if it takes one at the start', () => {
    expect(launch.stdin).toBe(kind.protocol === 'plain' ? 'Fix {model}; $(id)' : null)
    expect(launch.argv.join(' ')).not.toContain('$(id)')
  })

  test('is looked up on the PATH of the sandbox if it has no folder', () => {
    const [program] = kind.launch({ ...optionsFor(kind), folder: null }).argv
    expect(program).not.toContain('/opt/agent')
    expect(program).not.toContain('/')
  })
})

test.each([
  ['anthropic-messages', '@ai-sdk/anthropic', '/models/main/v1'],
  ['openai-responses', '@ai-sdk/openai', '/models/main/v1'],
  ['openai-chat', '@ai-sdk/openai-compatible', '/models/main/v1'],
  ['gemini', '@ai-sdk/google', '/models/main/v1beta'],
] as const)('opencode speaks %s', (wire, npm, path) => {
  const kind = presets.get('opencode')!
  const options = optionsFor(kind)
  const { env } = kind.launch({ ...options, model: { ...options.model, wire } })
  const { provider } = JSON.parse(env['OPENCODE_CONFIG_CONTENT'] ?? '{}') as { provider?: unknown }
  expect(provider).toMatchObject({ glovebox: { npm, options: { baseURL: `http://127.0.0.1:8118${path}` } } })
})

test('a model name cannot break out of the configuration of Codex', () => {
  const kind = presets.get('codex')!
  const options = optionsFor(kind)
  const evil = 'm"\n[mcp_servers.x]\ncommand = "sh"'
  const { files } = kind.launch({ ...options, model: { ...options.model, model: evil } })
  expect(files[0]?.content.split('\n')[0]).toBe(`model = ${JSON.stringify(evil)}`)
  expect(files[0]?.content).not.toContain('\n[mcp_servers')
})

describe('an agent defined in the configuration', () => {
  const definition = AgentDefinition.parse({
    name: 'mine',
    argv: ['my-agent', '--url={url}', '{prompt}'],
    env: { MY_KEY: '{key}', MY_TURNS: '{max-turns}' },
    files: { '.mine/config': 'model={model} wire={wire}' },
    mode: 'careful',
  })

  test('starts as configured, and placeholders inside filled-in values stay as they are', () => {
    const kind = agentRegistry([definition]).get('mine')!
    const launch = kind.launch(optionsFor(kind))
    expect(launch.argv).toEqual(['my-agent', '--url=http://127.0.0.1:8118/models/main', 'Fix {model}; $(id)'])
    expect(launch.env).toMatchObject({ MY_KEY: 'dummy', MY_TURNS: '7', HOME })
    expect(launch.files).toEqual([{ target: `${HOME}/.mine/config`, content: 'model=m-1 wire=anthropic-messages' }])
    expect(launch.opening).toEqual({ mode: 'careful', signIn: [] })
  })

  test('replaces a preset of the same name', () => {
    const registry = agentRegistry([{ ...definition, name: 'codex' }])
    expect(registry.get('codex')?.title).toBe('codex')
    expect(registry.names).toHaveLength(10)
  })

  test.each([
    [{ argv: [] }, 'argv'],
    [{ argv: ['a', '{secret}'] }, '{secret} is not known; there are {url}, {model}'],
    [{ argv: ['a'], files: { '/etc/passwd': '' } }, 'a path below the home'],
    [{ argv: ['a'], files: { '.x/../../y': '' } }, 'a path below the home'],
    [{ argv: ['a'], shell: true }, 'shell'],
    [{ argv: ['a'], env: { 'A=B': '' } }, 'A=B'],
  ])('is refused if it is invalid: %o', (fields, says) => {
    const parsed = AgentDefinition.safeParse({ name: 'x', ...fields })
    expect(parsed.success).toBe(false)
    expect(JSON.stringify(parsed.error?.issues)).toContain(says)
  })
})
