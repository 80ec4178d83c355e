// A request to a model, as a sandbox sends it. What is accepted must ask for a permitted model and for no tool of the
// provider's own, whichever way the provider reads JSON.
import type { ProviderKind } from '../../src/domain/connections/model-connection.ts'
import { checkModel, checkRequest } from '../../src/gateway/model/request/check-request.ts'
import { findEndpoint } from '../../src/gateway/model/request/endpoint.ts'
import { ModelRequestError } from '../../src/gateway/model/request/model-request-error.ts'
import { parseLoosely, type Merge } from '../oracles/loose-json.ts'
import { attempt, must, mustEqual, type Target } from '../target.ts'

const APIS: readonly [ProviderKind, string][] = [
  ['anthropic', '/v1/messages'],
  ['openai', '/v1/chat/completions'],
  ['openai', '/v1/responses'],
  ['gemini', '/v1beta/models/good:generateContent'],
  ['gemini', '/v1beta/models/good:countTokens'],
]
const CONNECTION = { name: 'main', models: ['good'], 'server-tools': [], fields: [] }
const MERGES: readonly Merge[] = ['first', 'last', 'any-case']
const OF_PROVIDERS =
  /web_?(search|fetch)|mcp|code_?(execution|interpreter)|file_?search|image_generation|advisor|container|google|url_?context/i

/** The first byte, as a digit: which API. */
function run(input: Uint8Array): string {
  const api = (input[0] ?? 0) % APIS.length
  const [provider, path] = APIS[api] as (typeof APIS)[number]
  const endpoint = findEndpoint(provider, 'POST', path)!
  const body = Buffer.from(input.subarray(1))
  const checked = attempt(() => {
    const request = checkRequest(body, endpoint, { ...CONNECTION, provider })
    checkModel(request.model, CONNECTION)
    return request
  }, ModelRequestError)
  // What it quotes differs each time; each way must be told only once.
  if (checked.value === null) return `${api} ${checked.why.split(/[`"]/)[0]}`
  const { inputEstimate, maxOutput, uses, sent } = checked.value
  mustEqual(uses.length, 0, 'fields that need a permit')
  must(Number.isSafeInteger(inputEstimate) && inputEstimate >= 0, () => `an estimate of ${inputEstimate}`)
  must(maxOutput === null || (Number.isFinite(maxOutput) && maxOutput >= 0), () => `an answer of ${maxOutput}`)
  const text = (sent?.body ?? body).toString('utf8')
  if (endpoint.wire?.startsWith('openai')) {
    for (const merge of MERGES)
      mustEqual((parseLoosely(text, merge) as Read).store, false, `whether the answer is kept, as a reader sees it`)
  }
  for (const merge of MERGES) checkReading(parseLoosely(text, merge) as Read, provider === 'gemini', merge)
  return `taken: ${api} ${maxOutput === null}`
}

interface Read {
  store?: unknown
  background?: unknown
  model?: unknown
  tools?: unknown
}

function checkReading({ model, tools, background }: Read, inPath: boolean, merge: Merge): void {
  must(!background, () => `a reader (${merge}) sees a job that goes on`)
  if (!inPath) mustEqual(model, 'good', `the model that a reader sees (${merge})`)
  for (const tool of Array.isArray(tools) ? (tools as Record<string, unknown>[]) : []) {
    const kind = inPath ? Object.keys(tool).join(' ') : typeof tool['type'] === 'string' ? tool['type'] : ''
    must(!OF_PROVIDERS.test(kind), () => `a reader (${merge}) sees the tool ${kind}`)
  }
}

const seed = (api: number, body: object | string): Uint8Array =>
  Buffer.concat([Buffer.of(api), Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))])
const MESSAGES = [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }]

export const target: Target = {
  name: 'model-request',
  covers: [
    'src/gateway/model/request/strict-json.ts',
    'src/gateway/model/request/request-rules.ts',
    'src/gateway/model/request/check-request.ts',
    'src/gateway/model/request/check-anthropic.ts',
    'src/gateway/model/request/check-openai.ts',
    'src/gateway/model/request/check-gemini.ts',
    'src/gateway/model/request/estimate-tokens.ts',
    'src/gateway/model/request/not-stored.ts',
    'src/gateway/model/request/fields/field-table.ts',
  ],
  dictionary: [
    ...['"model":"good"', '"model":"dear"', '"MODEL":"dear"', '"mod\\u0065l":"dear"', '"\\ud800":1', ',', '{}', '[]'],
    ...['"tools":[{"type":"web_search_20250305"}]', '"type":"custom"', '"type":"function"', '"Tools":', '"type":"mcp"'],
    ...['"source":{"type":"url","url":"x"}', '"file_id":"f"', '"image_url":"http://x"', '"image_url":"data:,"'],
    ...['"googleSearch":{}', '"google_search":{}', '"fileData":{}', '"functionDeclarations":[]', '"max_tokens":5'],
    ...['"generationConfig":{"maxOutputTokens":5}', '"input":{"file_id":1}', '"definition":', '"\\u0074ools":'],
    ...[
      '"store":true',
      '"store":false',
      '"store":null',
      '"background":true',
      '"service_tier":"priority"',
      '"speed":"fast"',
    ],
    ...['"type":"item_reference"', '"id":"x"', '"conversation":"c"', '"chat_template_kwargs":{"enable_thinking":true}'],
    ...['"__proto__":', '"constructor":', '"environment":{"type":"local"}', '\\"', '\\\\', ' ', '\n'],
  ],
  maxBytes: 2048,
  seeds: () => [
    seed(0, { model: 'good', max_tokens: 5, messages: MESSAGES, tools: [{ name: 'x', input_schema: {} }] }),
    seed(0, { model: 'good', max_tokens: 5, tools: [{ type: 'bash_20250124', name: 'bash' }], messages: MESSAGES }),
    seed(0, { model: 'good', messages: [], tools: [{ type: 'web_search_20250305', name: 'x' }] }),
    seed(0, '{"model":"good","messages":[],"model":"dear"}'),
    seed(1, { model: 'good', n: 2, messages: MESSAGES, tools: [{ type: 'function', function: { name: 'x' } }] }),
    seed(1, {
      model: 'good',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,x' } }] }],
    }),
    seed(2, {
      model: 'good',
      input: [{ type: 'function_call_output', output: 'x' }],
      tools: [{ type: 'local_shell' }],
    }),
    seed(2, { model: 'good', input: 'x', tools: [{ type: 'namespace', tools: [{ type: 'custom' }] }] }),
    seed(3, { contents: [{ parts: [{ text: 'x' }] }], tools: [{ functionDeclarations: [{ name: 'x' }] }] }),
    seed(3, { contents: [], generationConfig: { maxOutputTokens: 5 }, tools: [{ google_search: {} }] }),
    seed(4, { generateContentRequest: { model: 'models/good', contents: [] } }),
  ],
  run,
}
