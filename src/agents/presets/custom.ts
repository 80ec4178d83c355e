// An agent that the configuration defines: any command.
import type { AgentDefinition } from '../../domain/agent-definition.ts'
import type { AgentKind, LaunchOptions } from '../types.ts'
import { homeAndLoopback } from './start-of.ts'
import { own } from '../../domain/own.ts'

export function customAgent(definition: AgentDefinition): AgentKind {
  const { name, title = name, protocol, wires, install, mode } = definition
  return {
    name,
    title,
    protocol,
    wires,
    installHint: install === '' ? `see the agent ${name} in the configuration` : install,
    program: null,
    countsTurns: JSON.stringify([definition.argv, definition.env, definition.files]).includes('{max-turns}'),
    launch: (options) => ({
      argv: definition.argv.map((word) => fill(word, options)),
      env: {
        ...homeAndLoopback(options),
        ...Object.fromEntries(Object.entries(definition.env).map(([key, value]) => [key, fill(value, options)])),
      },
      files: Object.entries(definition.files).map(([path, content]) => ({
        target: `${options.home}/${path}`,
        content: fill(content, options),
      })),
      stdin: protocol === 'plain' && definition.stdin ? options.prompt : null,
      opening: { ...(mode === undefined ? {} : { mode }), signIn: definition['sign-in'] },
    }),
  }
}

/** Fills all placeholders in one pass, so that placeholders inside filled-in values (the prompt) stay as they are. */
function fill(text: string, { model, folder, home, cwd, prompt, maxTurns }: LaunchOptions): string {
  const values: Readonly<Record<string, string>> = {
    url: model.url,
    model: model.model,
    key: model.dummyKey,
    wire: model.wire,
    folder: folder ?? '',
    home,
    cwd,
    prompt,
    'max-turns': String(maxTurns),
  }
  return text.replace(/\{([a-z-]+)\}/g, (whole, name: string) => own(values, name) ?? whole)
}
