// Preset of our own agent, in agent/. It needs only a model.
import type { Wire } from '../../domain/connections/model-connection.ts'
import { BUILT_IN_AGENT_PROGRAM } from '../built-in/mounts.ts'
import type { AgentKind } from '../types.ts'
import { homeAndLoopback } from './start-of.ts'

const WIRE_NAMES: Readonly<Record<Wire, string>> = {
  'anthropic-messages': 'anthropic',
  'openai-responses': 'openai-responses',
  'openai-chat': 'openai-chat',
  gemini: 'gemini',
}

export const builtIn: AgentKind = {
  name: 'built-in',
  title: 'Glovebox agent',
  protocol: 'acp',
  countsTurns: true,
  wires: ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini'],
  installHint: 'It comes with Glovebox; run scripts/setup again.',
  program: null,
  launch: (options) => ({
    argv: [
      'node',
      '--disable-warning=ExperimentalWarning',
      options.folder === null ? BUILT_IN_AGENT_PROGRAM : `${options.folder}/main.ts`,
    ],
    env: {
      ...homeAndLoopback(options),
      GLOVEBOX_MODEL_WIRE: WIRE_NAMES[options.model.wire],
      GLOVEBOX_MODEL_URL: options.model.url,
      GLOVEBOX_MODEL: options.model.model,
      GLOVEBOX_MODEL_KEY: options.model.dummyKey,
      GLOVEBOX_AGENT_MAX_TURNS: String(options.maxTurns),
      GLOVEBOX_AGENT_PERMISSIONS: 'ask',
    },
    files: [],
    stdin: null,
  }),
}
