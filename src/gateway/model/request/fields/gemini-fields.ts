// Gemini generateContent. Names are folded, as Google reads `camelCase` and `snake_case` alike. Source: the types of
// @google/genai and https://ai.google.dev/api/generate-content
import { foldKey } from '../fold-key.ts'
import { type FieldRule, type FieldTable, plain, price, server, state } from './field-table.ts'

export const GEMINI_FIELDS: FieldTable = folded([
  ...plain('contents', 'tools', 'toolConfig', 'safetySettings', 'systemInstruction', 'generationConfig', 'model'),
  // For bills; nobody reads them back.
  ...plain('labels'),
  price('serviceTier', 'chooses a dearer service tier', {
    plain: ['standard', 'flex', 'unspecified'],
    times: { priority: 2 },
  }),
  state('cachedContent', 'takes content that the provider keeps'),
  state('store', 'keeps the request and its answer in logs of the provider', [false]),
  state('continuationToken', 'continues an answer that the provider keeps'),
  state('generationOutputConfig', 'writes the answer to a place outside'),
  server('modelArmorConfig', 'has another service read the request'),
])

export const GENERATION_FIELDS: FieldTable = folded([
  ...plain('temperature', 'topP', 'topK', 'candidateCount', 'maxOutputTokens', 'stopSequences', 'seed'),
  ...plain('presencePenalty', 'frequencyPenalty', 'responseLogprobs', 'logprobs', 'responseMimeType'),
  ...plain('responseSchema', 'responseJsonSchema', 'responseFormat', 'mediaResolution', 'audioTimestamp'),
  ...plain('thinkingConfig', 'enableAffectiveDialog', 'enableEnhancedCivicAnswers', 'audioTranscriptionConfig'),
  price('responseModalities', 'asks for images or audio, which cost more than text', {
    plain: [['TEXT'], ['Text'], ['text'], []],
    otherwise: 12,
  }),
  price('speechConfig', 'has audio in it, which costs more than text', { otherwise: 12 }),
  price('imageConfig', 'asks for images, which cost more than text', { otherwise: 12 }),
  server('routingConfig', 'makes the provider ask another model'),
  server('modelSelectionConfig', 'makes the provider ask another model'),
  server('modelConfig', 'makes the provider ask another model'),
])

/** Parts of a content, by key. */
export const GEMINI_PARTS: FieldTable = folded([
  ...plain('text', 'thought', 'thoughtSignature', 'inlineData', 'functionCall', 'functionResponse'),
  ...plain('executableCode', 'codeExecutionResult', 'videoMetadata', 'mediaResolution', 'partMetadata'),
  ...plain('audioTranscription', 'mediaProcessing', 'speechMetadata', 'toolResponse'),
  state('fileData', 'takes a file that the provider keeps or fetches'),
  server('toolCall', 'has the provider run a tool'),
])

/** Of `inlineData`. */
export const GEMINI_AUDIO: readonly [string, FieldRule] = price(
  'inlineData',
  'has audio in it, which costs more than text',
  {
    times: { audio: 7 },
  },
)

function folded(rows: readonly [string, FieldRule][]): FieldTable {
  return new Map(rows.map(([name, rule]) => [foldKey(name), rule]))
}
