import type { Wire } from './wire.ts'
import { anthropic } from './wires/anthropic.ts'
import { gemini } from './wires/gemini.ts'
import { openaiChat } from './wires/openai-chat.ts'
import { openaiResponses } from './wires/openai-responses.ts'

export interface Route {
  method: 'GET' | 'POST'
  path: RegExp
  wire: Wire
  does: 'generate' | 'count' | 'list-models' | 'show-model'
}

// In front of these paths may stand whatever the server is told to be mounted under.
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/v1\/messages$/, wire: anthropic, does: 'generate' },
  { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, wire: anthropic, does: 'count' },
  { method: 'POST', path: /^\/v1\/chat\/completions$/, wire: openaiChat, does: 'generate' },
  { method: 'POST', path: /^\/v1\/responses$/, wire: openaiResponses, does: 'generate' },
  { method: 'POST', path: /^\/v1\/responses\/input_tokens$/, wire: openaiResponses, does: 'count' },
  {
    method: 'POST',
    path: /^\/v1(beta)?\/models\/[^/:]+:(generateContent|streamGenerateContent)$/,
    wire: gemini,
    does: 'generate',
  },
  { method: 'POST', path: /^\/v1(beta)?\/models\/[^/:]+:countTokens$/, wire: gemini, does: 'count' },
  { method: 'GET', path: /^\/v1beta\/models$/, wire: gemini, does: 'list-models' },
  { method: 'GET', path: /^\/v1beta\/models\/[^/]+$/, wire: gemini, does: 'show-model' },
  { method: 'GET', path: /^\/v1\/models$/, wire: openaiChat, does: 'list-models' },
  { method: 'GET', path: /^\/v1\/models\/[^/]+$/, wire: openaiChat, does: 'show-model' },
]
