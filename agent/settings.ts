// The agent's settings, which the platform passes in environment variables.
import { z } from 'zod'

export const WIRES = ['anthropic', 'openai-responses', 'openai-chat', 'gemini'] as const

export interface Settings {
  wire: (typeof WIRES)[number]
  /** Base URL of the connection, without the provider's version path. */
  url: string
  model: string
  /** A dummy, not a credential: the gateway replaces it with the real one outside the sandbox. */
  key: string
  /** Most model requests for one prompt. */
  maxTurns: number
  permissions: 'ask' | 'none'
  /** Longest silence of the model, in seconds. */
  silenceSeconds: number
}

/** The message names the variable and the expected value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const VARIABLES = {
  GLOVEBOX_MODEL_WIRE: z.enum(WIRES),
  GLOVEBOX_MODEL_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  GLOVEBOX_MODEL: z.string().min(1),
  GLOVEBOX_MODEL_KEY: z.string().min(1).default('none'),
  GLOVEBOX_AGENT_MAX_TURNS: z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/)
    .default('100')
    .transform(Number),
  GLOVEBOX_AGENT_SILENCE_SECONDS: z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/)
    .default('300')
    .transform(Number),
  GLOVEBOX_AGENT_PERMISSIONS: z.enum(['ask', 'none']).default('ask'),
}

/** Variables for the agent itself, hidden from the commands that it runs. */
export const OWN_VARIABLES: readonly string[] = Object.keys(VARIABLES)

export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    wire: read('GLOVEBOX_MODEL_WIRE', `one of ${WIRES.join(', ')}`),
    url: read('GLOVEBOX_MODEL_URL', 'an http URL'),
    model: read('GLOVEBOX_MODEL', 'the name of a model'),
    key: read('GLOVEBOX_MODEL_KEY', 'text'),
    maxTurns: read('GLOVEBOX_AGENT_MAX_TURNS', 'a whole number from 1 to 99999'),
    silenceSeconds: read('GLOVEBOX_AGENT_SILENCE_SECONDS', 'a whole number from 1 to 99999'),
    permissions: read('GLOVEBOX_AGENT_PERMISSIONS', 'ask or none'),
  }

  function read<Name extends keyof typeof VARIABLES>(name: Name, expected: string) {
    const parsed = VARIABLES[name].safeParse(env[name])
    if (!parsed.success)
      throw new SettingsError(`${name} is ${env[name] === undefined ? 'not set' : 'not valid'}: it must be ${expected}`)
    return parsed.data as z.output<(typeof VARIABLES)[Name]>
  }
}
