// OpenHands: `openhands acp`. https://docs.openhands.dev/openhands/usage/cli/command-reference
import type { Wire } from '../../domain/connection.ts'
import type { AgentKind, LaunchOptions } from '../types.ts'
import { homeAndLoopback, nativeProgram } from './start-of.ts'

const PROGRAM = 'bin/openhands'
const INSTALL =
  'uv tool install openhands --python 3.12, or a Python environment of 3.12 or later with openhands in <folder>'

/** It asks models through LiteLLM, which chooses the API by the prefix and adds the path of each to the base URL. */
const PREFIXES: Readonly<Record<Wire, { prefix: string; path: string }>> = {
  'openai-chat': { prefix: 'openai', path: '/v1' },
  'openai-responses': { prefix: 'openai', path: '/v1' },
  'anthropic-messages': { prefix: 'anthropic', path: '' },
  gemini: { prefix: 'gemini', path: '' },
}

function environment(options: LaunchOptions): Record<string, string> {
  const { wire, model, url, dummyKey } = options.model
  const { prefix, path } = PREFIXES[wire]
  return {
    ...homeAndLoopback(options),
    LLM_MODEL: `${prefix}/${model}`,
    LLM_BASE_URL: `${url}${path}`,
    LLM_API_KEY: dummyKey,
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    OPENHANDS_SUPPRESS_BANNER: '1',
    DO_NOT_TRACK: '1',
  }
}

export const openhands: AgentKind = {
  name: 'openhands',
  title: 'OpenHands',
  protocol: 'acp',
  wires: ['openai-chat', 'anthropic-messages'],
  installHint: INSTALL,
  program: PROGRAM,
  launch: (options) => ({
    argv: [...nativeProgram(options, PROGRAM, 'openhands'), 'acp', '--override-with-envs'],
    env: environment(options),
    files: [],
    stdin: null,
  }),
}
