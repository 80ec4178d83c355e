// Presets of opencode: `opencode acp`, or `opencode run --format json`. https://opencode.ai/docs/config
import type { Habits } from '../../domain/said-did/habits.ts'
import { readOpencodeLine } from '../plain/opencode-line.ts'
import type { AgentKind, Launch, LaunchOptions } from '../types.ts'
import { homeAndLoopback, nativeProgram, npmInstall, PROCESSOR } from './start-of.ts'

const PROGRAM = `node_modules/opencode-linux-${PROCESSOR}/bin/opencode`
const INSTALL = npmInstall('opencode-ai@1.18.33')

/** The AI SDK packages inside opencode, and the version path that each expects in its base URL. */
const PROVIDERS = {
  'anthropic-messages': { npm: '@ai-sdk/anthropic', version: 'v1' },
  'openai-responses': { npm: '@ai-sdk/openai', version: 'v1' },
  'openai-chat': { npm: '@ai-sdk/openai-compatible', version: 'v1' },
  gemini: { npm: '@ai-sdk/google', version: 'v1beta' },
} as const

function configuration({ model, maxTurns }: LaunchOptions, asks: boolean): string {
  const { npm, version } = PROVIDERS[model.wire]
  const permission = asks ? 'ask' : 'allow'
  return JSON.stringify({
    provider: {
      glovebox: {
        npm,
        name: 'Glovebox',
        options: { baseURL: `${model.url}/${version}`, apiKey: '{env:GLOVEBOX_MODEL_KEY}' },
        models: { [model.model]: {} },
      },
    },
    enabled_providers: ['glovebox'],
    model: `glovebox/${model.model}`,
    small_model: `glovebox/${model.model}`,
    agent: { build: { steps: maxTurns } },
    autoupdate: false,
    share: 'disabled',
    // Otherwise it keeps a git repository of its own beside the workspace, with some hundred git commands.
    snapshot: false,
    permission: { edit: permission, bash: permission, webfetch: 'deny', websearch: 'deny' },
  })
}

function start(options: LaunchOptions, args: readonly string[], asks: boolean): Launch {
  return {
    argv: [...nativeProgram(options, PROGRAM, 'opencode'), ...args],
    env: {
      ...homeAndLoopback(options),
      GLOVEBOX_MODEL_KEY: options.model.dummyKey,
      // opencode applies this after the repository's own configuration, so it wins.
      OPENCODE_CONFIG_CONTENT: configuration(options, asks),
      OPENCODE_DISABLE_AUTOUPDATE: 'true',
      OPENCODE_DISABLE_MODELS_FETCH: 'true',
      OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
      OPENCODE_DISABLE_SHARE: 'true',
    },
    files: [],
    stdin: null,
  }
}

/** Prefix of the git commands that opencode runs by itself. */
const QUIET_GIT = ['git', '--no-optional-locks'].concat(
  ['autocrlf=false', 'fsmonitor=false', 'longpaths=true', 'symlinks=true', 'quotepath=false'].flatMap((setting) => [
    '-c',
    `core.${setting}`,
  ]),
)

const HABITS: Habits = {
  programs: [
    ['git', 'rev-parse', '--show-toplevel'],
    ['git', 'rev-parse', '--git-dir'],
    ['git', 'rev-parse', '--git-common-dir'],
    ['git', 'remote', 'get-url', 'origin'],
    ['git', 'worktree', 'list', '--porcelain'],
    // These run in the background and may still run when a turn begins.
    [...QUIET_GIT, 'remote'],
    [...QUIET_GIT, 'symbolic-ref', '--quiet', '--short', 'HEAD'],
    [...QUIET_GIT, 'symbolic-ref', 'refs/remotes/origin/HEAD'],
  ],
  looks: ['.git'],
  // opencode tries to install a package of its own for plugins.
  refused: [/https:\/\/[^/]+\/@opencode-ai%2fplugin/],
}

export const opencode: AgentKind = {
  name: 'opencode',
  title: 'opencode',
  protocol: 'acp',
  wires: ['openai-chat', 'anthropic-messages', 'openai-responses', 'gemini'],
  installHint: INSTALL,
  program: PROGRAM,
  habits: HABITS,
  launch: (options) => start(options, ['acp'], true),
}

export const opencodePlain: AgentKind = {
  ...opencode,
  name: 'opencode-plain',
  protocol: 'plain',
  launch: (options) => ({ ...start(options, ['run', '--format', 'json'], false), stdin: options.prompt }),
  readLine: readOpencodeLine,
}
