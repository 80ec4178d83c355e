import { describe, expect, test } from 'vitest'
import type { ModelConnection } from '../../../domain/connections/model-connection.ts'
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import { checkModel, checkRequest } from './check-request.ts'
import { findEndpoint } from './endpoint.ts'
import { ModelRequestError } from './model-request-error.ts'

const PATHS = {
  anthropic: '/v1/messages',
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  gemini: '/v1beta/models/good:generateContent',
  count: '/v1beta/models/good:countTokens',
} as const
type Api = keyof typeof PATHS

const PROVIDERS: Record<Api, ProviderKind> = {
  anthropic: 'anthropic',
  chat: 'openai',
  responses: 'openai',
  gemini: 'gemini',
  count: 'gemini',
}

function check(api: Api, body: unknown, permitted: string[] = []): ReturnType<typeof checkRequest> {
  const connection = {
    ...{ name: 'main', models: ['good'], provider: PROVIDERS[api] },
    ...{ 'server-tools': permitted, fields: permitted },
  } satisfies Partial<ModelConnection>
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const checked = checkRequest(Buffer.from(text), findEndpoint(PROVIDERS[api], 'POST', PATHS[api])!, connection)
  checkModel(checked.model, connection)
  return checked
}

function refusal(api: Api, body: unknown, permitted: string[] = []): string | null {
  try {
    check(api, body, permitted)
    return null
  } catch (error) {
    if (error instanceof ModelRequestError) return error.refusal
    throw error
  }
}

const user = (content: unknown): unknown[] => [{ role: 'user', content }]
const claude = (more: object): object => ({ model: 'good', max_tokens: 5, messages: user('hi'), ...more })
const chat = (more: object): object => ({ model: 'good', messages: user('hi'), ...more })
const responses = (more: object): object => ({ model: 'good', input: 'hi', ...more })
const gemini = (more: object): object => ({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...more })

describe('a model that is not permitted', () => {
  test.each<[string, Api, unknown, string]>([
    ['by name', 'anthropic', claude({ model: 'dear' }), 'model'],
    ['in another case', 'chat', chat({ model: 'Good' }), 'model'],
    ['with a space', 'chat', chat({ model: 'good ' }), 'model'],
    ['with a suffix that a router reads', 'chat', chat({ model: 'good:online' }), 'model'],
    ['as a list', 'chat', chat({ model: ['good', 'dear'] }), 'request'],
    ['missing', 'responses', { input: 'hi' }, 'request'],
    ['behind a duplicate key', 'anthropic', '{"model":"good","max_tokens":1,"messages":[],"model":"dear"}', 'request'],
    ['before a duplicate key', 'anthropic', '{"model":"dear","max_tokens":1,"messages":[],"model":"good"}', 'request'],
    ['behind an escaped duplicate', 'chat', '{"model":"good","messages":[],"mod\\u0065l":"dear"}', 'request'],
    ['in capitals, which Go takes for it', 'chat', '{"model":"good","messages":[],"MODEL":"dear"}', 'field'],
    ['behind a key of half a surrogate', 'chat', '{"model":"good","\\ud800":1,"\\ud801":2}', 'request'],
    ['as a fallback', 'anthropic', claude({ fallbacks: [{ model: 'dear' }] }), 'field'],
    ['as a fallback of a router', 'chat', chat({ models: ['dear'] }), 'field'],
    [
      'as an adviser',
      'anthropic',
      claude({ tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'dear' }] }),
      'server-tool',
    ],
    [
      'by a compaction',
      'anthropic',
      claude({ context_management: { edits: [{ type: 'compact', model: 'dear' }] } }),
      'field',
    ],
    ['by a stored prompt', 'responses', responses({ prompt: { id: 'p' } }), 'field'],
    ['in the body of a path', 'gemini', gemini({ model: 'models/dear' }), 'request'],
    ['in a nested request', 'count', { generateContentRequest: gemini({ model: 'models/dear' }) }, 'request'],
    ['by routing', 'gemini', gemini({ generationConfig: { routingConfig: { manualMode: {} } } }), 'field'],
    ['in other letters of one key', 'gemini', gemini({ generationConfig: {}, generation_config: {} }), 'request'],
  ])('%s', (_name, api, body, expected) => {
    expect(refusal(api, body)).toBe(expected)
  })
})

/** These occur together with something else that is refused. */
const NOT_ALONE = new Set(['fileData', 'file_data', 'mcp', 'shell', 'file_id'])

describe('actions that the provider would take itself', () => {
  const image = (source: object): object => claude({ messages: user([{ type: 'image', source }]) })
  const part = (given: object): object => responses({ input: user([given]) })
  test.each<[string, Api, unknown, string]>([
    ...['web_search_20250305', 'web_fetch_20260309', 'code_execution_20260521', 'mcp_toolset', 'tool_of_tomorrow'].map(
      (type): [string, Api, unknown, string] => [type, 'anthropic', claude({ tools: [{ type, name: 'x' }] }), type],
    ),
    [
      'an MCP server',
      'anthropic',
      claude({ mcp_servers: [{ type: 'url', url: 'https://evil.example', name: 'x' }] }),
      'mcp_servers',
    ],
    ['a container', 'anthropic', claude({ container: 'c1' }), 'container'],
    ['a conversation that is kept', 'anthropic', claude({ thread: { type: 'create' } }), 'thread'],
    ['another account', 'anthropic', claude({ workspace_id: 'w' }), 'workspace_id'],
    ['an image by URL', 'anthropic', image({ type: 'url', url: 'https://evil.example/?secret' }), 'url'],
    ['a document by id', 'anthropic', image({ type: 'file', file_id: 'f' }), 'file_id'],
    [
      'an image by URL in the result of a tool',
      'anthropic',
      claude({
        messages: user([
          { type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source: { type: 'url', url: 'x' } }] },
        ]),
      }),
      'url',
    ],
    [
      'a file for a container',
      'anthropic',
      claude({ messages: user([{ type: 'container_upload', file_id: 'f' }]) }),
      'file_id',
    ],
    [
      'a tool that is added in the middle',
      'anthropic',
      claude({
        messages: user([
          {
            type: 'tool_addition',
            tool: { type: 'tool_definition', definition: { type: 'web_fetch_20260309', name: 'f' } },
          },
        ]),
      }),
      'web_fetch_20260309',
    ],
    [
      'a tool with its type in capitals',
      'anthropic',
      claude({ tools: [{ Type: 'web_search_20250305', name: 'x' }] }),
      '',
    ],
    ...['web_search', 'web_search_preview', 'file_search', 'code_interpreter', 'image_generation', 'mcp', 'shell'].map(
      (type): [string, Api, unknown, string] => [type, 'responses', responses({ tools: [{ type }] }), type],
    ),
    [
      'computer_use_preview',
      'responses',
      responses({ tools: [{ type: 'computer_use_preview' }] }),
      'computer_use_preview',
    ],
    [
      'programs',
      'responses',
      responses({ tools: [{ type: 'programmatic_tool_calling' }] }),
      'programmatic_tool_calling',
    ],
    [
      'a shell in a container',
      'responses',
      responses({ tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }),
      'shell',
    ],
    [
      'a search for tools at the provider',
      'responses',
      responses({ tools: [{ type: 'tool_search', execution: 'server' }] }),
      'tool_search',
    ],
    [
      'a tool in a namespace',
      'responses',
      responses({ tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'mcp', server_url: 'x' }] }] }),
      'mcp',
    ],
    [
      'tools within the input',
      'responses',
      responses({ input: [{ type: 'additional_tools', tools: [{ type: 'web_search' }] }] }),
      'web_search',
    ],
    [
      'tools that a search found',
      'responses',
      responses({ input: [{ type: 'tool_search_output', tools: [{ type: 'mcp' }] }] }),
      'mcp',
    ],
    ['an image by URL', 'responses', part({ type: 'input_image', image_url: 'https://evil.example' }), 'image_url'],
    ['an image by id', 'responses', part({ type: 'input_image', file_id: 'f' }), 'file_id'],
    ['a file by URL', 'responses', part({ type: 'input_file', file_url: 'https://evil.example' }), 'file_url'],
    ['a file by id, in capitals', 'responses', part({ type: 'input_file', FILE_ID: 'f' }), 'FILE_ID'],
    [
      'an image by URL in the output of a function',
      'responses',
      responses({
        input: [
          { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image', image_url: 'http://x' }] },
        ],
      }),
      'image_url',
    ],
    ['web search', 'chat', chat({ web_search_options: {} }), 'web_search_options'],
    ['plugins of a router', 'chat', chat({ plugins: [{ id: 'web' }] }), 'plugins'],
    ['another base URL', 'chat', chat({ api_base: 'https://evil.example' }), 'api_base'],
    [
      'an image by URL',
      'chat',
      chat({ messages: user([{ type: 'image_url', image_url: { url: 'http://x' } }]) }),
      'image_url',
    ],
    [
      'an image by URL, in capitals',
      'chat',
      chat({ messages: user([{ type: 'image_url', image_url: { URL: 'http://x' } }]) }),
      '',
    ],
    [
      'a video by URL',
      'chat',
      chat({ messages: user([{ type: 'video_url', video_url: { url: 'http://x' } }]) }),
      'video_url',
    ],
    ['a file by id', 'chat', chat({ messages: user([{ type: 'file', file: { file_id: 'f' } }]) }), 'file_id'],
    ...[
      'googleSearch',
      'google_search',
      'urlContext',
      'codeExecution',
      'fileSearch',
      'googleMaps',
      'retrieval',
      'mcpServers',
    ].map((key): [string, Api, unknown, string] => [key, 'gemini', gemini({ tools: [{ [key]: {} }] }), key]),
    ['content that is kept', 'gemini', gemini({ cachedContent: 'cachedContents/x' }), 'cachedContent'],
    [
      'a file by address',
      'gemini',
      { contents: [{ parts: [{ fileData: { fileUri: 'https://evil.example' } }] }] },
      'fileData',
    ],
    [
      'a file by address, in snake case',
      'gemini',
      { contents: [{ parts: [{ file_data: { file_uri: 'x' } }] }] },
      'file_data',
    ],
    [
      'a file in the system instruction',
      'gemini',
      gemini({ system_instruction: { parts: [{ fileData: {} }] } }),
      'fileData',
    ],
    [
      'a tool of a nested request',
      'count',
      { generateContentRequest: gemini({ tools: [{ urlContext: {} }] }) },
      'urlContext',
    ],
  ])('%s is refused (%s)', (_name, api, body, name) => {
    expect(refusal(api, body)).toEqual(
      name === '' ? 'request' : (expect.stringMatching(/^(server-tool|field)$/) as string),
    )
    // It passes if the operator lists it.
    if (name !== '' && !NOT_ALONE.has(name)) expect(refusal(api, body, [name])).toBeNull()
  })
})

describe('actions that the client takes itself pass', () => {
  const data = { type: 'base64', media_type: 'image/png', data: 'AAAA' }
  const schema = { type: 'object', properties: { file_id: { type: 'string' }, image_url: { type: 'string' } } }
  test.each<[string, Api, unknown]>([
    [
      'tools of Claude Code',
      'anthropic',
      claude({
        system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }],
        metadata: { user_id: 'x' },
        thinking: { type: 'adaptive' },
        tools: [
          { name: 'Read', description: 'x', input_schema: schema },
          { type: 'custom', name: 'Edit', input_schema: schema },
          ...['bash_20250124', 'text_editor_20250728', 'memory_20250818', 'computer_20251124'].map((type) => ({
            type,
            name: type,
          })),
        ],
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: data },
              { type: 'document', source: { ...data, media_type: 'application/pdf' } },
            ],
          },
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 't', name: 'x', input: { file_id: 'f', source: { type: 'url' } } }],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] },
        ],
      }),
    ],
    [
      'tools of Codex',
      'responses',
      responses({
        instructions: 'x',
        store: false,
        stream: true,
        include: ['reasoning.encrypted_content'],
        prompt_cache_key: 'x',
        reasoning: { effort: 'high', summary: 'auto' },
        text: { verbosity: 'low' },
        previous_response_id: null,
        tools: [
          { type: 'function', name: 'shell', parameters: schema, strict: false },
          { type: 'custom', name: 'apply_patch', format: { type: 'grammar' } },
          { type: 'shell', environment: { type: 'local' } },
          { type: 'local_shell' },
          { type: 'apply_patch' },
          { type: 'tool_search', execution: 'client', parameters: schema },
        ],
        input: [
          { type: 'message', role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AA' }] },
          {
            type: 'message',
            role: 'assistant',
            content: [
              { type: 'output_text', text: 'x', annotations: [{ type: 'url_citation', url: 'https://a.example' }] },
            ],
          },
          { type: 'function_call', call_id: 'c', name: 'x', arguments: '{"file_id":"f"}' },
          { type: 'function_call_output', call_id: 'c', output: 'ok' },
        ],
      }),
    ],
    [
      'functions of Chat Completions',
      'chat',
      chat({
        tools: [{ type: 'function', function: { name: 'x', parameters: schema } }],
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
        stream_options: { include_usage: true },
        messages: user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } }]),
      }),
    ],
    [
      'functions of Gemini',
      'gemini',
      gemini({
        systemInstruction: { parts: [{ text: 'x' }] },
        tools: [{ functionDeclarations: [{ name: 'x', parametersJsonSchema: schema }] }],
        generationConfig: { maxOutputTokens: 9, thinkingConfig: { includeThoughts: true }, responseJsonSchema: schema },
        contents: [
          { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] },
          { role: 'model', parts: [{ functionCall: { name: 'x', args: { fileUri: 'f' } }, thoughtSignature: 'x' }] },
          { role: 'user', parts: [{ functionResponse: { name: 'x', response: { fileData: 'f' } } }] },
        ],
      }),
    ],
  ])('%s', (_name, api, body) => {
    expect(() => check(api, body)).not.toThrow()
  })
})

test('the estimate of a call follows from its bytes and its maximum output', () => {
  const third = Math.ceil(JSON.stringify(claude({})).length / 3)
  expect(check('anthropic', claude({}))).toMatchObject({ maxOutput: 5, inputEstimate: third })
  expect(check('chat', chat({ max_tokens: 10, max_completion_tokens: 20, n: 3 }))).toMatchObject({ maxOutput: 60 })
  expect(check('responses', responses({}))).toMatchObject({ maxOutput: null })
  // Protobuf parsers treat 0 as missing, so the answer has no maximum length.
  expect(check('gemini', gemini({ generationConfig: { max_output_tokens: 0 } }))).toMatchObject({ maxOutput: null })
  expect(check('chat', chat({ max_tokens: 0, n: 3 }))).toMatchObject({ maxOutput: null })
  expect(check('gemini', gemini({ generation_config: { max_output_tokens: 7, candidateCount: 2 } }))).toMatchObject({
    maxOutput: 14,
  })
  expect(refusal('anthropic', claude({ max_tokens: -5 }))).toBe('request')
  expect(refusal('anthropic', claude({ max_tokens: '5' }))).toBe('request')
  expect(refusal('chat', chat({ n: 1.5 }))).toBe('request')
  expect(refusal('responses', responses({ max_output_tokens: 2 ** 31 }))).toBe('request')
  expect(check('chat', chat({ max_tokens: 1e9, n: 1e9 }))).toMatchObject({ maxOutput: 1e9 })
  const picture = `data:image/png;base64,${'A'.repeat(300_000)}`
  const { inputEstimate } = check(
    'chat',
    chat({ messages: user([{ type: 'image_url', image_url: { url: picture } }]) }),
  )
  expect(inputEstimate).toBeLessThan(10_100)
})
