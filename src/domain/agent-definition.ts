// An agent that the configuration defines. Placeholders in braces are filled in when the agent starts.
import { z } from 'zod'
import { Wire } from './connections/model-connection.ts'

export const AgentName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')

export const AGENT_PLACEHOLDERS = [
  'url',
  'model',
  'key',
  'wire',
  'folder',
  'home',
  'cwd',
  'prompt',
  'max-turns',
] as const

const Filled = z
  .string()
  .max(8192)
  .refine((text) => unknownIn(text).length === 0, {
    error: ({ input }) =>
      `{${unknownIn(input as string).join('}, {')}} is not known; there are {${AGENT_PLACEHOLDERS.join('}, {')}}`,
  })

function isBelow(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function unknownIn(text: string): string[] {
  const named = [...text.matchAll(/\{([a-z-]+)\}/g)].map((match) => match[1] as string)
  return named.filter((name) => !(AGENT_PLACEHOLDERS as readonly string[]).includes(name))
}

export const AgentDefinition = z.strictObject({
  name: AgentName,
  title: z.string().min(1).max(100).optional().describe('default: the name'),
  protocol: z
    .enum(['acp', 'plain'])
    .default('acp')
    .describe('acp: the Agent Client Protocol on its standard streams. plain: one command, prompt in, output out'),
  argv: z
    .array(Filled)
    .min(1)
    .max(64)
    .describe('command line; a program without a slash is looked up on the PATH inside the sandbox'),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), Filled).default({}),
  files: z
    .record(z.string().max(1000).refine(isBelow, { error: 'a path below the home of the agent' }), Filled)
    .default({})
    .describe("files below the agent's home, written before it starts"),
  stdin: z
    .boolean()
    .default(false)
    .describe('plain: pass the prompt on standard input instead of through {prompt} in argv'),
  wires: z.array(Wire).min(1).default(['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini']),
  mode: z.string().min(1).max(100).optional().describe('acp: id of the session mode'),
  'sign-in': z
    .array(z.string().min(1).max(100))
    .max(10)
    .default([])
    .describe('acp: ids of sign-in methods that need no person'),
  install: z.string().max(500).default('').describe('a command that installs it, for messages'),
})
export type AgentDefinition = z.infer<typeof AgentDefinition>
