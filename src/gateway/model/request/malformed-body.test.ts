import { expect, test } from 'vitest'
import { checkRequest } from './check-request.ts'
import { findEndpoint } from './endpoint.ts'
import { ModelRequestError } from './model-request-error.ts'

test.each<[string, string]>([
  ['no JSON', 'model=good'],
  ['a list', '[]'],
  ['a byte order mark', '\ufeff{"model":"good"}'],
  ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('latin1')],
  ['two documents', '{"model":"good"}{"model":"dear"}'],
  ['nesting without end', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ['a duplicate deep inside', '{"model":"good","messages":[{"a":[{"b":1,"b":2}]}]}'],
])('%s is refused as a body', (_name, text) => {
  const bytes = Buffer.from(text, text.includes('\ufeff') ? 'utf8' : 'latin1')
  const endpoint = findEndpoint('openai', 'POST', '/v1/chat/completions')!
  expect(() => checkRequest(bytes, endpoint, { provider: 'openai', 'server-tools': [], fields: [] })).toThrow(
    ModelRequestError,
  )
})
