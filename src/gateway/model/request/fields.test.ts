// Fields that change the price, use state at the provider, outlive the call or instruct the server.
import { describe, expect, test } from 'vitest'
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import { checkRequest, type CheckedRequest } from './check-request.ts'
import { findEndpoint } from './endpoint.ts'
import { ModelRequestError } from './model-request-error.ts'

const PATHS = {
  anthropic: ['anthropic', '/v1/messages'],
  chat: ['openai', '/v1/chat/completions'],
  vllm: ['openai-compatible', '/v1/chat/completions'],
  responses: ['openai', '/v1/responses'],
  compatible: ['openai-compatible', '/v1/responses'],
  gemini: ['gemini', '/v1beta/models/good:generateContent'],
} as const satisfies Record<string, [ProviderKind, string]>
type Api = keyof typeof PATHS

const BASE: Record<Api, object> = {
  anthropic: { model: 'good', max_tokens: 5, messages: [] },
  chat: { model: 'good', messages: [] },
  vllm: { model: 'good', messages: [] },
  responses: { model: 'good', input: 'hi' },
  compatible: { model: 'good', input: 'hi' },
  gemini: { contents: [] },
}

function check(api: Api, more: object, fields: string[] = []): CheckedRequest {
  const [provider, path] = PATHS[api]
  const body = Buffer.from(JSON.stringify({ ...BASE[api], ...more }))
  return checkRequest(body, findEndpoint(provider, 'POST', path)!, { provider, 'server-tools': [], fields })
}

function refusal(api: Api, more: object, fields: string[] = []): string | null {
  try {
    check(api, more, fields)
    return null
  } catch (error) {
    if (error instanceof ModelRequestError) return `${error.refusal}: ${error.message}`
    throw error
  }
}

const item = (given: object): object => ({ input: [given] })
const said = (part: object): object => ({ messages: [{ role: 'user', content: [part] }] })

describe('a field that needs a permit', () => {
  test.each<[string, Api, object, string, string]>([
    ['fast answers', 'anthropic', { speed: 'fast' }, 'speed=fast', 'price'],
    ['inference in one country', 'anthropic', { inference_geo: 'us' }, 'inference_geo=us', 'price'],
    ['an unknown tier', 'anthropic', { service_tier: 'gold' }, 'service_tier=gold', 'price'],
    ["somebody else's bill", 'anthropic', { billing_policy: { bill_to: 'user_profile' } }, 'billing_policy', 'price'],
    ['a container', 'anthropic', { container: 'c' }, 'container', 'state'],
    ['a conversation that is kept', 'anthropic', { thread: { type: 'continue', id: 't' } }, 'thread', 'state'],
    ['an unknown kind of content', 'anthropic', said({ type: 'telepathy' }), 'telepathy', 'unknown'],
    ['priority', 'responses', { service_tier: 'priority' }, 'service_tier=priority', 'price'],
    ['ultrafast', 'chat', { service_tier: 'ultrafast' }, 'service_tier=ultrafast', 'price'],
    ['thinking several times', 'responses', { reasoning: { mode: 'pro' } }, 'mode=pro', 'price'],
    [
      'thinking several times, by an update',
      'responses',
      item({ type: 'configuration_update', reasoning: { mode: 'pro' } }),
      'mode=pro',
      'price',
    ],
    ['a job that goes on', 'responses', { background: true }, 'background=true', 'outlives'],
    ['a job that goes on, in words', 'responses', { background: 'true' }, 'background', 'outlives'],
    ['an earlier answer', 'responses', { previous_response_id: 'resp_1' }, 'previous_response_id', 'state'],
    ['a conversation', 'responses', { conversation: { id: 'c' } }, 'conversation', 'state'],
    ['a kept prompt', 'responses', { prompt: { id: 'p' } }, 'prompt', 'state'],
    ['to be kept', 'responses', { store: true }, 'store=true', 'state'],
    ['to be kept, by chat', 'vllm', { store: true }, 'store=true', 'state'],
    ['an item', 'responses', item({ type: 'item_reference', id: 'msg_1' }), 'item_reference', 'state'],
    ['an item, by its id alone', 'responses', item({ id: 'msg_1' }), 'item_reference', 'state'],
    ['an item without a type', 'responses', item({ type: null, id: 'msg_1' }), 'item_reference', 'state'],
    ['empty reasoning', 'responses', item({ type: 'reasoning', id: 'rs_1', summary: [] }), 'item_reference', 'state'],
    [
      'empty reasoning, sealed with nothing',
      'responses',
      item({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: '' }),
      'item_reference',
      'state',
    ],
    ['an unknown kind of item', 'responses', item({ type: 'telepathy' }), 'telepathy', 'unknown'],
    [
      'a container of others',
      'responses',
      item({ type: 'message', role: 'user', content: [], container_id: 'c' }),
      'container_id',
      'state',
    ],
    ['audio', 'chat', { modalities: ['text', 'audio'] }, 'modalities', 'price'],
    ['a voice', 'chat', { audio: { voice: 'x', format: 'wav' } }, 'audio', 'price'],
    ['audio as input', 'chat', said({ type: 'input_audio', input_audio: {} }), 'input_audio', 'price'],
    ['an earlier voice', 'chat', { messages: [{ role: 'assistant', audio: { id: 'a' } }] }, 'audio', 'state'],
    ['variables of a template', 'vllm', { chat_template_kwargs: { x: 1 } }, 'chat_template_kwargs', 'server'],
    [
      'a template among harmless variables',
      'vllm',
      { chat_template_kwargs: { enable_thinking: true, chat_template: '{{ x }}' } },
      'chat_template_kwargs',
      'server',
    ],
    [
      'a variable that is no plain value',
      'vllm',
      { chat_template_kwargs: { enable_thinking: { x: 1 } } },
      'chat_template_kwargs',
      'server',
    ],
    ['a template', 'vllm', { chat_template: '{{ x }}' }, 'chat_template', 'server'],
    ['a grammar', 'vllm', { guided_grammar: 'x' }, 'guided_grammar', 'server'],
    ['orders for the image processor', 'vllm', { mm_processor_kwargs: {} }, 'mm_processor_kwargs', 'server'],
    ['a field of tomorrow', 'vllm', { constructor: 1 }, 'constructor', 'unknown'],
    ['a dearer tier', 'gemini', { serviceTier: 'priority' }, 'serviceTier=priority', 'price'],
    ['a dearer tier, in snake case', 'gemini', { service_tier: 'priority' }, 'service_tier=priority', 'price'],
    ['kept content', 'gemini', { cached_content: 'c' }, 'cached_content', 'state'],
    ['to be logged', 'gemini', { store: true }, 'store=true', 'state'],
    ['to be continued', 'gemini', { continuationToken: 't' }, 'continuationToken', 'state'],
    ['images', 'gemini', { generationConfig: { responseModalities: ['IMAGE'] } }, 'responseModalities', 'price'],
    ['a voice', 'gemini', { generationConfig: { speech_config: {} } }, 'speech_config', 'price'],
    ['a field of tomorrow', 'gemini', { generationConfig: { constructor: 1 } }, 'constructor', 'unknown'],
    [
      'audio as input',
      'gemini',
      { contents: [{ parts: [{ inline_data: { mime_type: 'Audio/wav', data: '' } }] }] },
      'inlineData=audio',
      'price',
    ],
    [
      'audio as what a function gave',
      'gemini',
      {
        contents: [{ parts: [{ functionResponse: { parts: [{ inlineData: { mimeType: 'audio/wav', data: '' } }] } }] }],
      },
      'inlineData=audio',
      'price',
    ],
    ['an unknown part', 'gemini', { contents: { parts: [{ telepathy: 1 }] } }, 'telepathy', 'unknown'],
  ])('%s is refused, by %s', (_name, api, more, field, effect) => {
    const [name = ''] = field.split('=')
    expect(refusal(api, more)).toMatch(
      /^field: The gateway refuses the field `.*`: .* To permit it, an operator adds `.*` to `fields` of the connection\.$/,
    )
    expect(refusal(api, more)).toContain(`an operator adds \`${field}\` to \`fields\` of the connection.`)
    // It passes if it is listed by name or with its value, and the event contains it.
    for (const listed of [field, name]) expect(check(api, more, [listed]).uses).toContainEqual({ field, effect })
    expect(refusal(api, more, [`${name}=another`])).toMatch(/^field: /)
    expect(refusal(api, more, ['constructor=x', ''])).toMatch(/^field: /)
  })
})

describe('fields that agents really send', () => {
  test.each<[string, Api, object]>([
    ['the plain tiers', 'anthropic', { service_tier: 'auto', speed: 'standard', inference_geo: null }],
    ['a cache of an hour', 'anthropic', { system: [{ type: 'text', text: 'x', cache_control: { ttl: '1h' } }] }],
    [
      'context management of Claude Code',
      'anthropic',
      { context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } },
    ],
    [
      'blocks of Claude Code',
      'anthropic',
      {
        messages: [
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 's' }] },
          { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'tool_reference', tool_name: 'x' }] }] },
        ],
      },
    ],
    ['a body of Codex', 'responses', { store: false, background: false, service_tier: 'default', client_metadata: {} }],
    [
      'sealed reasoning',
      'responses',
      item({ type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: 'x' }),
    ],
    ['reasoning without an id', 'responses', item({ type: 'reasoning', summary: [], encrypted_content: null })],
    [
      'reasoning in the open',
      'compatible',
      item({ type: 'reasoning', id: 'r', content: [{ type: 'reasoning_text' }] }),
    ],
    ['an answer with its id', 'responses', item({ type: 'message', id: 'msg_1', role: 'assistant', content: [] })],
    ['a message without a type', 'responses', item({ role: 'user', content: 'hi' })],
    ['thinking turned off', 'vllm', { chat_template_kwargs: { enable_thinking: false } }],
    ['text alone', 'chat', { modalities: ['text'], audio: null }],
    ['text alone', 'gemini', { generationConfig: { responseModalities: ['TEXT'], thinkingConfig: {} } }],
    ['the plain tier', 'gemini', { serviceTier: 'standard', store: false, labels: { a: 'b' } }],
  ])('%s passes, by %s', (_name, api, more) => {
    expect(check(api, more).uses).toEqual([])
  })
})

describe('the reservation for a field', () => {
  test('uses the published price of its value, or the highest one', () => {
    const times = (api: Api, more: object, fields: string[]): unknown => [...check(api, more, fields).times.values()]
    expect(times('anthropic', { speed: 'fast', inference_geo: 'us' }, ['speed', 'inference_geo'])).toEqual([6, 1.1])
    expect(times('responses', { service_tier: 'fast' }, ['service_tier'])).toEqual([2.5])
    expect(times('responses', { service_tier: 'ultrafast' }, ['service_tier'])).toEqual([10])
    expect(times('responses', { previous_response_id: 'x' }, ['previous_response_id'])).toEqual([])
  })

  test('includes rejected predictions and all answers of `best_of`', () => {
    expect(check('chat', { max_tokens: 10, n: 2, best_of: 5 })).toMatchObject({ maxOutput: 50 })
    const prediction = { type: 'content', content: 'x'.repeat(300) }
    expect(check('chat', { max_tokens: 10, prediction }).maxOutput).toBeGreaterThan(110)
  })

  test('includes a second pass if the provider may compact', () => {
    const edits = { edits: [{ type: 'clear_tool_uses_20250919' }, { type: 'compact_20260112' }] }
    expect(check('anthropic', { context_management: edits })).toMatchObject({ passes: 2 })
    expect(check('responses', { context_management: [{ type: 'compaction' }] })).toMatchObject({ passes: 2 })
    expect(check('anthropic', {})).toMatchObject({ passes: 1, cachedForHour: false })
    const cached = { messages: [{ role: 'user', content: [{ type: 'text', cache_control: { ttl: '1h' } }] }] }
    expect(check('anthropic', cached)).toMatchObject({ cachedForHour: true })
  })
})

describe('an answer is not kept at the provider', () => {
  test.each<[Api, boolean]>([
    ['responses', true],
    ['compatible', true],
    ['chat', true],
    ['vllm', false],
    ['anthropic', false],
    ['gemini', false],
  ])('by %s: the gateway says `store: false` where the client left it out: %s', (api, says) => {
    const { sent } = check(api, {})
    expect(sent?.set ?? null).toEqual(says ? ['store=false'] : null)
    if (sent !== null) expect(JSON.parse(sent.body.toString())).toEqual({ ...BASE[api], store: false })
  })

  test('leaves the rest of the body unchanged', () => {
    const text = ' { "model" : "good", "seed": 1.0e2, "input": "\\u0041" }'
    const endpoint = findEndpoint('openai', 'POST', '/v1/responses')!
    const connection = { provider: 'openai', 'server-tools': [], fields: [] } as const
    const { sent } = checkRequest(Buffer.from(text), endpoint, { ...connection, 'server-tools': [], fields: [] })
    expect(sent?.body.toString()).toBe(text.replace('{', '{"store":false,'))
  })

  test('accepts `store: false` of the client, and refuses null', () => {
    expect(check('responses', { store: false }).sent).toBeNull()
    expect(refusal('responses', { store: null })).toBe(
      'request: The field `store` must be `false` or missing, not `null`.',
    )
  })

  test('sends the body unchanged if the connection permits storing', () => {
    expect(check('responses', {}, ['store']).sent).toBeNull()
    expect(check('responses', { store: true }, ['store']).sent).toBeNull()
  })
})
