// Presets of Gemini CLI: `gemini --acp`, or `gemini --output-format stream-json`.
// https://github.com/google-gemini/gemini-cli/blob/main/docs/reference/configuration.md
import type { Habits } from '../../domain/said-did/habits.ts'
import { readGeminiLine } from '../plain/gemini-line.ts'
import type { AgentKind, Launch, LaunchOptions } from '../types.ts'
import { homeAndLoopback, nodeProgram, npmInstall } from './start-of.ts'

const PROGRAM = 'node_modules/@google/gemini-cli/bundle/gemini.js'
const INSTALL = npmInstall('@google/gemini-cli@0.61.0')

function settings({ maxTurns }: LaunchOptions): string {
  return JSON.stringify({
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: {
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
      disableAutoUpdate: true,
      disableUpdateNag: true,
    },
    model: { maxSessionTurns: maxTurns },
    tools: { exclude: ['web_fetch', 'google_web_search'] },
  })
}

function start(options: LaunchOptions, args: readonly string[], stdin: string | null): Launch {
  return {
    argv: [...nodeProgram(options, PROGRAM, 'gemini'), ...args, '--model', options.model.model],
    env: {
      ...homeAndLoopback(options),
      GEMINI_API_KEY: options.model.dummyKey,
      GOOGLE_GEMINI_BASE_URL: options.model.url,
      // Otherwise it restarts itself with other memory limits.
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
    files: [{ target: `${options.home}/.gemini/settings.json`, content: settings(options) }],
    stdin,
  }
}

/** Gemini CLI looks for the editor that it runs in. */
const HABITS: Habits = {
  programs: [
    ['/bin/sh', '-c', /ps -o ppid=,command= -p \d+/],
    ['ps', '-o', 'ppid=,command=', '-p', /\d+/],
  ],
  looks: ['.git'],
  refused: [],
}

export const geminiCli: AgentKind = {
  name: 'gemini-cli',
  title: 'Gemini CLI',
  protocol: 'acp',
  countsTurns: true,
  wires: ['gemini'],
  installHint: INSTALL,
  program: PROGRAM,
  habits: HABITS,
  launch: (options) => ({
    ...start(options, ['--acp'], null),
    opening: { mode: 'default', signIn: ['gemini-api-key'] },
  }),
}

export const geminiCliPlain: AgentKind = {
  name: 'gemini-cli-plain',
  title: 'Gemini CLI',
  protocol: 'plain',
  countsTurns: true,
  wires: ['gemini'],
  installHint: INSTALL,
  program: PROGRAM,
  habits: HABITS,
  launch: (options) => start(options, ['--approval-mode', 'yolo', '--output-format', 'stream-json'], options.prompt),
  readLine: readGeminiLine,
}
