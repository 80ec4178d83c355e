// OpenHands: `openhands acp`. https://docs.openhands.dev/openhands/usage/cli/command-reference
// Its server for the protocol takes the model from a file, whatever the environment says (as of 1.16.0).
import type { Wire } from '../../domain/connection.ts'
import type { AgentKind, LaunchOptions } from '../types.ts'
import { homeAndLoopback, nativeProgram } from './start-of.ts'

const PROGRAM = 'bin/openhands'

/** It asks models through LiteLLM, which chooses the API by the prefix, and adds to the base URL what belongs to it. */
const PROVIDERS: Readonly<Record<Wire, { prefix: string; path: string }>> = {
  'openai-chat': { prefix: 'openai', path: '/v1' },
  'openai-responses': { prefix: 'openai', path: '/v1' },
  'anthropic-messages': { prefix: 'anthropic', path: '' },
  gemini: { prefix: 'gemini', path: '' },
}

function modelOf({ model: { wire, model, url, dummyKey } }: LaunchOptions) {
  const { prefix, path } = PROVIDERS[wire]
  return { model: `${prefix}/${model}`, base_url: `${url}${path}`, api_key: dummyKey }
}

export const openhands: AgentKind = {
  name: 'openhands',
  title: 'OpenHands',
  protocol: 'acp',
  wires: ['openai-chat', 'anthropic-messages'],
  installHint: 'uv tool install openhands==1.16.0 --python 3.12',
  program: PROGRAM,
  launch: (options) => {
    const folder = `${options.home}/.openhands`
    const llm = modelOf(options)
    return {
      argv: [...nativeProgram(options, PROGRAM, 'openhands'), 'acp', '--override-with-envs'],
      env: {
        ...homeAndLoopback(options),
        OPENHANDS_PERSISTENCE_DIR: folder,
        OPENHANDS_SUPPRESS_BANNER: '1',
        LLM_MODEL: llm.model,
        LLM_BASE_URL: llm.base_url,
        LLM_API_KEY: llm.api_key,
        // Else it asks for a list of prices from the web.
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      },
      files: [
        { target: `${folder}/agent_settings.json`, content: JSON.stringify({ llm: { ...llm, usage_id: 'agent' } }) },
      ],
      stdin: null,
      opening: { mode: 'always-ask' },
    }
  },
}
