// Presets of Codex CLI: through its adapter for the Agent Client Protocol, or as `codex exec`.
// https://developers.openai.com/codex/config-reference, https://github.com/agentclientprotocol/codex-acp
import type { Habits } from '../../domain/said-did/habits.ts'
import { readCodexLine } from '../plain/codex-line.ts'
import type { AgentKind, Launch, LaunchOptions } from '../types.ts'
import { homeAndLoopback, nodeProgram, npmInstall } from './start-of.ts'

const ADAPTER = 'node_modules/@agentclientprotocol/codex-acp/dist/index.js'
const PROGRAM = 'node_modules/@openai/codex/bin/codex.js'
/** The adapter's package contains Codex itself. */
const INSTALL = npmInstall('@agentclientprotocol/codex-acp@2.6.0')

/** JSON strings are valid TOML strings, so JSON.stringify() quotes the values. */
function configuration({ url, model }: LaunchOptions['model']): string {
  return `model = ${JSON.stringify(model)}
model_provider = "glovebox"
web_search = "disabled"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
plugins = false
remote_plugin = false
apps = false
# Scripts around every command that would hide it
shell_snapshot = false

[model_providers.glovebox]
name = "Glovebox"
base_url = ${JSON.stringify(`${url}/v1`)}
env_key = "OPENAI_API_KEY"
wire_api = "responses"
requires_openai_auth = false
`
}

function start(options: LaunchOptions, argv: readonly string[], env: Record<string, string>): Launch {
  const folder = `${options.home}/.codex`
  return {
    argv,
    env: {
      ...homeAndLoopback(options),
      OPENAI_API_KEY: options.model.dummyKey,
      CODEX_HOME: folder,
      NO_BROWSER: '1',
      ...env,
    },
    files: [{ target: `${folder}/config.toml`, content: configuration(options.model) }],
    stdin: null,
  }
}

/**
 * Part of a `session_info_update`. Needed because after a model error the adapter answers the prompt with `end_turn`.
 */
interface ThreadStatus {
  _meta?: { codex?: { threadStatus?: { type?: unknown } | null } | null } | null
}

const GIT = ['git', '-c', 'safe.bareRepository=explicit'] as const
const SAFE_GIT = [...GIT, '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'] as const
const HABITS: Habits = {
  programs: [
    [...SAFE_GIT, 'rev-parse', 'HEAD'],
    [...SAFE_GIT, 'rev-parse', '--abbrev-ref', 'HEAD'],
    [...SAFE_GIT, 'rev-parse', '--git-dir'],
    [...SAFE_GIT, 'remote', '-v'],
    [...SAFE_GIT, 'remote', 'get-url', 'origin'],
    [...SAFE_GIT, 'status', '--porcelain'],
    [...GIT, 'config', '--null', '--get', 'core.fsmonitor'],
    // Codex starts each command through its own program, which then executes the shell; the shell is judged separately.
    [
      '/proc/self/exe',
      '--codex-run-as-process-setup',
      /\d+/,
      /\d+/,
      /[a-z]+/,
      /[a-z]*/,
      /\/[^]*/,
      '/bin/sh',
      '/bin/sh',
      /-l?c/,
      /[^]*/,
    ],
  ],
  looks: ['.git'],
  refused: [],
}

export const codex: AgentKind = {
  name: 'codex',
  title: 'Codex CLI',
  protocol: 'acp',
  wires: ['openai-responses'],
  installHint: INSTALL,
  program: ADAPTER,
  habits: HABITS,
  saysFailed: (update) => {
    const status = (update as ThreadStatus | null)?._meta?.codex?.threadStatus?.type
    return typeof status === 'string' ? status === 'systemError' : null
  },
  // Codex's own sandbox needs namespaces that ours does not permit, and in its other modes Codex decides by itself.
  launch: (options) =>
    start(options, nodeProgram(options, ADAPTER, 'codex-acp'), { INITIAL_AGENT_MODE: 'agent-full-access' }),
}

export const codexPlain: AgentKind = {
  name: 'codex-plain',
  title: 'Codex CLI',
  protocol: 'plain',
  wires: ['openai-responses'],
  installHint: INSTALL,
  program: PROGRAM,
  habits: HABITS,
  launch: (options) => ({
    ...start(
      options,
      [
        ...nodeProgram(options, PROGRAM, 'codex'),
        'exec',
        '--json',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        '-',
      ],
      {},
    ),
    stdin: options.prompt,
  }),
  readLine: readCodexLine,
}
