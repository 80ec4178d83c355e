// Fields of Gemini generateContent. Names are folded, since Google treats `camelCase` and `snake_case` as equal. Source: the
// types of @google/genai and https://ai.google.dev/api/generate-content
import { foldKey } from '../fold-key.ts'
import { type FieldRule, type FieldTable, plain, price, server, state } from './field-table.ts'

export const GEMINI_FIELDS: FieldTable = folded([
  ...plain('contents', 'tools', 'toolConfig', 'safetySettings', 'systemInstruction', 'generationConfig', 'model'),
  // Labels appear on bills. No request can read them back.
  ...plain('labels'),
  price('serviceTier', 'another service tier would cost more', {
    plain: ['standard', 'flex', 'unspecified'],
    times: { priority: 2 },
  }),
  state('cachedContent', 'the call would use content that the provider keeps'),
  state('store', 'the provider would keep the request and its answer in its logs', [false]),
  state('continuationToken', 'the call would continue an answer that the provider keeps'),
  state('generationOutputConfig', 'the provider would write the answer to another place'),
  server('modelArmorConfig', 'another service would read the request'),
])

export const GENERATION_FIELDS: FieldTable = folded([
  ...plain('temperature', 'topP', 'topK', 'candidateCount', 'maxOutputTokens', 'stopSequences', 'seed'),
  ...plain('presencePenalty', 'frequencyPenalty', 'responseLogprobs', 'logprobs', 'responseMimeType'),
  ...plain('responseSchema', 'responseJsonSchema', 'responseFormat', 'mediaResolution', 'audioTimestamp'),
  ...plain('thinkingConfig', 'enableAffectiveDialog', 'enableEnhancedCivicAnswers', 'audioTranscriptionConfig'),
  price('responseModalities', 'images and audio would cost more than text', {
    plain: [['TEXT'], ['Text'], ['text'], []],
    otherwise: 12,
  }),
  price('speechConfig', 'audio would cost more than text', { otherwise: 12 }),
  price('imageConfig', 'images would cost more than text', { otherwise: 12 }),
  server('routingConfig', 'the provider would call another model'),
  server('modelSelectionConfig', 'the provider would call another model'),
  server('modelConfig', 'the provider would call another model'),
])

/** Parts of a content by key. */
export const GEMINI_PARTS: FieldTable = folded([
  ...plain('text', 'thought', 'thoughtSignature', 'inlineData', 'functionCall', 'functionResponse'),
  ...plain('executableCode', 'codeExecutionResult', 'videoMetadata', 'mediaResolution', 'partMetadata'),
  ...plain('audioTranscription', 'mediaProcessing', 'speechMetadata', 'toolResponse'),
  state('fileData', 'the call would use a file that the provider keeps or fetches'),
  server('toolCall', 'the provider would run a tool'),
])

/** The rule for audio in `inlineData`. */
export const GEMINI_AUDIO: readonly [string, FieldRule] = price('inlineData', 'audio would cost more than text', {
  times: { audio: 7 },
})

function folded(rows: readonly [string, FieldRule][]): FieldTable {
  return new Map(rows.map(([name, rule]) => [foldKey(name), rule]))
}
