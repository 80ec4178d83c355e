// Preset of OpenHands: `openhands acp`. https://docs.openhands.dev/openhands/usage/cli/command-reference
// Its protocol server takes the model from a file and ignores the environment (as of 1.16.0).
import type { Wire } from '../../domain/connections/model-connection.ts'
import type { AgentKind, LaunchOptions } from '../types.ts'
import { homeAndLoopback } from './start-of.ts'

/** The Python of a virtual environment. It works wherever it is mounted; the scripts beside it do not. */
const PROGRAM = 'bin/python'

/**
 * OpenHands calls models through LiteLLM, which chooses the API by the prefix and appends the API's path to the base
 * URL.
 */
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

function program({ folder }: LaunchOptions): string[] {
  return folder === null ? ['openhands'] : [`${folder}/${PROGRAM}`, '-m', 'openhands_cli.entrypoint']
}

export const openhands: AgentKind = {
  name: 'openhands',
  title: 'OpenHands',
  protocol: 'acp',
  wires: ['openai-chat', 'anthropic-messages'],
  installHint: 'python3.12 -m venv <folder> && <folder>/bin/pip install openhands==1.16.0',
  program: PROGRAM,
  launch: (options) => {
    const folder = `${options.home}/.openhands`
    const llm = modelOf(options)
    return {
      argv: [...program(options), 'acp', '--override-with-envs'],
      env: {
        ...homeAndLoopback(options),
        OPENHANDS_PERSISTENCE_DIR: folder,
        OPENHANDS_SUPPRESS_BANNER: '1',
        LLM_MODEL: llm.model,
        LLM_BASE_URL: llm.base_url,
        LLM_API_KEY: llm.api_key,
        // Otherwise LiteLLM downloads a list of prices.
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
