import type { Wire } from './wire.ts'
import { anthropic } from './wires/anthropic.ts'
import { gemini } from './wires/gemini.ts'

// Lists of models, in each provider's shape. Three share a path, and are told apart by headers of their own.

export function modelsWire(wire: Wire, headers: Record<string, unknown>): Wire {
  if (wire.kind !== 'openai-chat') return wire
  if ('anthropic-version' in headers) return anthropic
  return 'x-goog-api-key' in headers ? gemini : wire
}

export function modelList(wire: Wire, names: readonly string[]): unknown {
  const data = names.map((name) => modelEntry(wire, name))
  switch (wire.kind) {
    case 'gemini':
      return { models: data }
    case 'anthropic':
      return { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null }
    default:
      return { object: 'list', data }
  }
}

export function modelEntry(wire: Wire, name: string): unknown {
  switch (wire.kind) {
    case 'gemini':
      return {
        name: `models/${name}`,
        version: '1',
        displayName: name,
        inputTokenLimit: 1_000_000,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
      }
    case 'anthropic':
      return { type: 'model', id: name, display_name: name, created_at: '2025-10-09T00:00:00Z' }
    default:
      return { id: name, object: 'model', created: 1_760_000_000, owned_by: 'scripted' }
  }
}
