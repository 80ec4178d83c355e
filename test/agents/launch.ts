import { join } from 'node:path'
import type { AgentName } from './agent-packages.ts'

// How each agent is started, pointed at a model and kept from asking anything else of the network. Outside a sandbox: it is
// what the agents themselves need, seen from their side.

export interface LaunchOptions {
  /** The folder with its node_modules. */
  installed: string
  /** Of the model, with a path in front of what the provider's API has. */
  url: string
  key: string
  prompt: string
  /** Whether someone is there to be asked. */
  asks: boolean
}

export interface Launch {
  acp: string[]
  plain: string[]
  env: Record<string, string>
  /** By path in the home folder. */
  files: Record<string, string>
  /** The mode of the session in which it asks before it acts. */
  askingMode?: string
}

const PLATFORM = `${process.platform}-${process.arch}`
const MODEL = 'scripted-large'
const SMALL_MODEL = 'scripted-small'

export const LAUNCHES: Partial<Record<AgentName, (options: LaunchOptions) => Launch>> = {
  'claude-code': claudeCode,
  codex,
  'gemini-cli': geminiCli,
  opencode,
}

function claudeCode({ installed, url, key, prompt }: LaunchOptions): Launch {
  const modules = join(installed, 'node_modules')
  const claude = join(modules, `@anthropic-ai/claude-agent-sdk-${PLATFORM}/claude`)
  const plain = ['-p', prompt, '--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits']
  return {
    acp: ['node', join(modules, '@agentclientprotocol/claude-agent-acp/dist/index.js')],
    plain: [claude, ...plain, '--allowedTools', 'Bash'],
    env: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_MODEL: MODEL,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: SMALL_MODEL,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_TELEMETRY: '1',
    },
    files: {},
    // Of itself it starts in a mode in which a second model decides instead of the client.
    askingMode: 'default',
  }
}

function codex({ installed, url, key, prompt, asks }: LaunchOptions): Launch {
  const modules = join(installed, 'node_modules')
  // A model that Codex knows is offered its own patch tool.
  const config = `model = "gpt-5.5"
model_provider = "scripted"
web_search = "disabled"
check_for_update_on_startup = false
approval_policy = "on-request"
default_permissions = "unconfined"
[permissions.unconfined.filesystem]
":root" = "write"
[permissions.unconfined.network]
enabled = true
[analytics]
enabled = false
[features]
apps = false
plugins = false
remote_plugin = false
[model_providers.scripted]
name = "Scripted"
base_url = "${url}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
requires_openai_auth = false
`
  const exec = ['exec', '--json', '--dangerously-bypass-approvals-and-sandbox', prompt]
  return {
    acp: ['node', join(modules, '@agentclientprotocol/codex-acp/dist/index.js')],
    plain: ['node', join(modules, '@openai/codex/bin/codex.js'), ...exec],
    env: { OPENAI_API_KEY: key, NO_BROWSER: '1' },
    files: {
      '.codex/config.toml': config,
      // Without walls of its own, it asks for what a rule names, and refuses it when nobody could answer.
      ...(asks ? { '.codex/rules/ask.rules': 'prefix_rule(pattern = [["node", "npm"]], decision = "prompt")\n' } : {}),
    },
  }
}

function geminiCli({ installed, url, key, prompt }: LaunchOptions): Launch {
  const program = ['node', join(installed, 'node_modules/@google/gemini-cli/bundle/gemini.js'), '--model', MODEL]
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  }
  return {
    acp: [...program, '--acp'],
    plain: [...program, '--approval-mode', 'yolo', '--output-format', 'stream-json', '--prompt', prompt],
    env: { GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_NO_RELAUNCH: 'true' },
    files: { '.gemini/settings.json': JSON.stringify(settings) },
  }
}

function opencode({ installed, url, key, prompt }: LaunchOptions): Launch {
  const program = join(installed, `node_modules/opencode-${PLATFORM}/bin/opencode`)
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Scripted',
    options: { baseURL: `${url}/v1`, apiKey: '{env:SCRIPTED_KEY}' },
    models: { [MODEL]: {}, [SMALL_MODEL]: {} },
  }
  const config = {
    provider: { scripted: provider },
    model: `scripted/${MODEL}`,
    small_model: `scripted/${SMALL_MODEL}`,
    autoupdate: false,
    share: 'disabled',
    permission: { edit: 'ask', bash: 'ask' },
  }
  return {
    acp: [program, 'acp'],
    plain: [program, 'run', '--auto', '--format', 'json', prompt],
    env: {
      SCRIPTED_KEY: key,
      OPENCODE_CONFIG_CONTENT: JSON.stringify(config),
      OPENCODE_DISABLE_AUTOUPDATE: 'true',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
      OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
      OPENCODE_DISABLE_MODELS_FETCH: 'true',
      OPENCODE_DISABLE_SHARE: 'true',
    },
    files: {},
  }
}
