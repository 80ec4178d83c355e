// Claude Code: through its adapter for the Agent Client Protocol, or as `claude -p`.
// https://docs.claude.com/en/docs/claude-code/settings, https://github.com/agentclientprotocol/claude-agent-acp
import { readClaudeLine } from '../plain/claude-line.ts'
import type { AgentKind, LaunchOptions } from '../types.ts'
import { homeAndLoopback, nativeProgram, nodeProgram, npmInstall, PROCESSOR } from './start-of.ts'

const ADAPTER = 'node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js'
const PROGRAM = `node_modules/@anthropic-ai/claude-code-linux-${PROCESSOR}/claude`
/** They would reach, or ask others to reach, the web; there is one way out, and this is not it. */
const WEB_TOOLS = ['WebFetch', 'WebSearch']

function environment(options: LaunchOptions): Record<string, string> {
  const { url, dummyKey, model } = options.model
  return {
    ...homeAndLoopback(options),
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: dummyKey,
    ANTHROPIC_MODEL: model,
    // Titles and summaries are asked of a small model, which the connection need not have.
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

export const claudeCode: AgentKind = {
  name: 'claude-code',
  title: 'Claude Code',
  protocol: 'acp',
  countsTurns: true,
  wires: ['anthropic-messages'],
  installHint: npmInstall('@agentclientprotocol/claude-agent-acp@0.101.0'),
  program: ADAPTER,
  turnsUsedUp: /Reached maximum number of turns/,
  launch: (options) => ({
    argv: nodeProgram(options, ADAPTER, 'claude-agent-acp'),
    env: environment(options),
    files: [],
    stdin: null,
    opening: {
      // Its own default asks a classifier model instead of us.
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
  installHint: npmInstall('@anthropic-ai/claude-code@2.1.331'),
  program: PROGRAM,
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
