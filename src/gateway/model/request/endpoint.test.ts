import { describe, expect, test } from 'vitest'
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import { findEndpoint, outgoingQuery, splitModelPath, upstreamPath } from './endpoint.ts'

describe('paths that are passed on', () => {
  test.each<[ProviderKind, string, string, string]>([
    ['anthropic', 'https://api.anthropic.com', 'POST /v1/messages', '/v1/messages'],
    ['anthropic', 'https://api.anthropic.com/v1/', 'POST /v1/messages', '/v1/messages'],
    [
      'anthropic',
      'https://proxy.example/anthropic',
      'POST /v1/messages/count_tokens',
      '/anthropic/v1/messages/count_tokens',
    ],
    ['openai', 'https://api.openai.com/v1', 'POST /v1/responses', '/v1/responses'],
    ['openai', 'https://api.openai.com', 'POST /responses', '/v1/responses'],
    ['openai-compatible', 'http://10.0.0.5:11434', 'POST /v1/chat/completions', '/v1/chat/completions'],
    [
      'openai-compatible',
      'https://host.example/v1beta/openai',
      'POST /v1/chat/completions',
      '/v1beta/openai/chat/completions',
    ],
    [
      'openai-compatible',
      'https://host.example/api/paas/v4',
      'POST /chat/completions',
      '/api/paas/v4/chat/completions',
    ],
    ['openai-compatible', 'https://host.example', 'GET /v1/models/meta/Llama-3.1:8b', '/v1/models/meta/Llama-3.1:8b'],
    [
      'gemini',
      'https://g.example',
      'POST /v1beta/models/gemini-2.5-pro:generateContent',
      '/v1beta/models/gemini-2.5-pro:generateContent',
    ],
    [
      'gemini',
      'https://g.example/v1beta',
      'POST /v1/models/x:streamGenerateContent',
      '/v1beta/models/x:streamGenerateContent',
    ],
    ['gemini', 'https://g.example', 'GET /v1beta/models', '/v1beta/models'],
    ['gemini', 'https://g.example', 'GET /v1/models/x', '/v1/models/x'],
  ])('%s at %s: %s', (provider, url, line, expected) => {
    const [method = '', rest = ''] = line.split(' ')
    const endpoint = findEndpoint(provider, method, rest)
    expect(endpoint && upstreamPath({ url }, endpoint)).toBe(expected)
  })
})

describe('paths that are refused', () => {
  test.each<[ProviderKind, string]>([
    ['anthropic', 'GET /v1/messages'],
    ['anthropic', 'POST /v1/messages/batches'],
    ['anthropic', 'POST /v1/complete'],
    ['anthropic', 'POST /v1/files'],
    ['anthropic', 'GET /v1/organizations/users'],
    ['anthropic', 'POST /v1/messages/'],
    ['anthropic', 'POST /v1//messages'],
    ['anthropic', 'POST /v1/models'],
    ['anthropic', 'DELETE /v1/models/x'],
    ['anthropic', 'POST /v1/messages%2fbatches'],
    ['anthropic', 'POST /v1/%6dessages'],
    ['anthropic', 'POST /v1/messages;x'],
    ['anthropic', 'POST /v1/models/../messages'],
    ['openai', 'GET /v1/responses/resp_1'],
    ['openai', 'POST /v1/responses/resp_1/cancel'],
    ['openai', 'DELETE /v1/responses/resp_1'],
    ['openai', 'POST /v1/responses/compact'],
    ['openai', 'GET /v1/responses/resp_1/input_items'],
    ['openai', 'POST /v1/responses/input_tokens'],
    ['openai', 'POST /v1/conversations'],
    ['openai', 'GET /v1/conversations/conv_1/items'],
    ['openai', 'GET /v1/files/file_1/content'],
    ['openai', 'POST /v1/batches'],
    ['openai', 'GET /v1/vector_stores'],
    ['openai', 'POST /v1/vector_stores/vs_1/search'],
    ['openai', 'POST /v1/assistants'],
    ['openai', 'POST /v1/threads/thread_1/runs'],
    ['openai', 'POST /v1/containers'],
    ['openai', 'GET /v1/chat/completions/chatcmpl_1/messages'],
    ['openai-compatible', 'GET /v1/responses/resp_1'],
    ['anthropic', 'GET /v1/messages/batches/b/results'],
    ['anthropic', 'GET /v1/files/f/content'],
    ['gemini', 'GET /v1beta/cachedContents/c'],
    ['gemini', 'GET /v1beta/batches/b'],
    ['openai', 'GET /v1/chat/completions'],
    ['openai', 'POST /v1/files'],
    ['openai', 'POST /v1/embeddings'],
    ['openai', 'POST /v2/chat/completions'],
    ['openai', 'DELETE /v1/models/ft:x'],
    ['openai', 'GET /v1/models/../files'],
    ['openai', 'GET /v1/models/.'],
    ['openai', 'GET /v1/models/x/permissions'],
    ['anthropic', 'GET /v1/models/x/y'],
    ['gemini', 'POST /v1beta/models/x:embedContent'],
    ['gemini', 'POST /v1beta/models/x:batchGenerateContent'],
    ['gemini', 'POST /v1beta/models/x%3AgenerateContent'],
    ['gemini', 'POST /v1beta/models/x:generateContent:countTokens'],
    ['gemini', 'POST /v1beta/models/../tunedModels/x:generateContent'],
    ['gemini', 'POST /v1beta/tunedModels/x:generateContent'],
    ['gemini', 'POST /v1alpha/models/x:generateContent'],
    ['gemini', 'GET /v1beta/models/x:generateContent'],
    ['gemini', 'POST /v1beta/cachedContents'],
    ['gemini', 'POST /upload/v1beta/files'],
    ['gemini', 'GET /v1beta/files'],
    ['gemini', 'GET /v1beta/models/x/operations'],
    ['gemini', 'GET /v1beta/models/x/operations/abc'],
  ])('%s: %s', (provider, line) => {
    const [method = '', rest = ''] = line.split(' ')
    expect(findEndpoint(provider, method, rest)).toBeNull()
  })
})

test('refuses the name of a connection that is not plain', () => {
  expect(splitModelPath('/models/main/v1/messages')).toEqual({ connection: 'main', rest: '/v1/messages' })
  for (const path of [
    '/models/',
    '/models/main',
    '/models//v1',
    '/models/Main/v1',
    '/models/%6dain/v1',
    '/models/a.b/v1',
    '/x',
  ])
    expect([path, splitModelPath(path)]).toEqual([path, null])
})

test('passes on only known parameters of a query, and no credential', () => {
  const call = { kind: 'call', wire: 'gemini' } as const
  expect(outgoingQuery('?alt=sse&key=abc', call)).toBe('?alt=sse')
  expect(outgoingQuery('?KEY=abc&access_token=x', call)).toBe('')
  expect(outgoingQuery('', call)).toBe('')
  for (const search of [
    '?alt=media',
    '?alt=sse&alt=json',
    '?$httpMethod=DELETE',
    '?fields=x',
    '?callback=x',
    '?pageSize=2',
  ])
    expect([search, outgoingQuery(search, call)]).toEqual([search, null])
  expect(outgoingQuery('?pageSize=2&pageToken=abc', { kind: 'list', wire: null })).toBe('?pageSize=2&pageToken=abc')
  expect(outgoingQuery('?beta=true', { kind: 'call', wire: 'anthropic-messages' })).toBe('?beta=true')
})
