// Presets of Claude Code: through its adapter for the Agent Client Protocol, or as `claude -p`.
// https://docs.claude.com/en/docs/claude-code/settings, https://github.com/agentclientprotocol/claude-agent-acp
import type { Habits } from '../../domain/said-did/habits.ts'
import { readClaudeLine } from '../plain/claude-line.ts'
import type { AgentKind, LaunchOptions } from '../types.ts'
import { CLAUDE_GIT } from './claude-git.ts'
import { knownScript } from './known-script.ts'
import { homeAndLoopback, nativeProgram, nodeProgram, npmInstall, PROCESSOR } from './start-of.ts'

const ADAPTER = 'node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js'
/** The adapter's package contains Claude Code itself. */
const PROGRAM = `node_modules/@anthropic-ai/claude-agent-sdk-linux-${PROCESSOR}/claude`
const INSTALL = npmInstall('@agentclientprotocol/claude-agent-acp@0.101.0')
/** Tools that fetch from the web, or have the provider fetch. They would bypass the gateway, the only way out. */
const WEB_TOOLS = ['WebFetch', 'WebSearch']

const SNAPSHOT = knownScript('fbd7febc02cc6b9660c8b5a2c3d39c5d6a5b427ff2c4c8466c8c1111ecbf3d26', [
  /snapshot-bash-\d+-[a-z0-9]+/g,
  /CLAUDE_CODE_END_[a-z0-9]+/g,
  /(?<=\nexport PATH=)[\w/:.-]+/g,
])

function environment(options: LaunchOptions): Record<string, string> {
  const { url, dummyKey, model } = options.model
  return {
    ...homeAndLoopback(options),
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: dummyKey,
    ANTHROPIC_MODEL: model,
    // Claude Code asks a small model for titles and summaries; the connection may not offer one.
    ANTHROPIC_SMALL_FAST_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    CLAUDE_CODE_SUBAGENT_MODEL: model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
  }
}

const HABITS: Habits = {
  programs: [
    ...CLAUDE_GIT,
    [/.*\/claude/, 'auth', 'status', '--json'],
    ['rg', '--no-config', '--files', '--hidden', /\/workspace(\/[\w.-]+)*/],
    // Before its first command it saves the shell's environment, once.
    ['/bin/bash', '-c', 'env'],
    ['env'],
    ['/bin/bash', '-c', '-l', SNAPSHOT],
    ['cat'],
  ],
  looks: ['.git'],
  refused: [],
}

export const claudeCode: AgentKind = {
  name: 'claude-code',
  title: 'Claude Code',
  protocol: 'acp',
  countsTurns: true,
  wires: ['anthropic-messages'],
  installHint: INSTALL,
  program: ADAPTER,
  habits: HABITS,
  turnsUsedUp: /Reached maximum number of turns/,
  launch: (options) => ({
    argv: nodeProgram(options, ADAPTER, 'claude-agent-acp'),
    env: environment(options),
    files: [],
    stdin: null,
    opening: {
      // The default mode of the adapter asks a classifier model instead of Glovebox.
      mode: 'default',
      meta: { claudeCode: { options: { maxTurns: options.maxTurns, disallowedTools: WEB_TOOLS } } },
    },
  }),
}

export const claudeCodePlain: AgentKind = {
  name: 'claude-code-plain',
  title: 'Claude Code',
  protocol: 'plain',
  countsTurns: true,
  wires: ['anthropic-messages'],
  installHint: INSTALL,
  program: PROGRAM,
  habits: HABITS,
  launch: (options) => ({
    argv: [
      ...nativeProgram(options, PROGRAM, 'claude'),
      '-p',
      '--output-format=stream-json',
      '--verbose',
      '--permission-mode=acceptEdits',
      '--allowedTools=Bash',
      `--disallowedTools=${WEB_TOOLS.join(',')}`,
      `--max-turns=${options.maxTurns}`,
    ],
    env: environment(options),
    files: [],
    stdin: options.prompt,
  }),
  readLine: readClaudeLine,
}
