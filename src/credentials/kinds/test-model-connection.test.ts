import { expect, test } from 'vitest'
import { ModelConnection } from '../../domain/connections/model-connection.ts'
import { modelsUrl } from './test-model-connection.ts'

test.each([
  ['openai', 'https://api.openai.com/v1', 'https://api.openai.com/v1/models'],
  ['openai', 'https://api.openai.com', 'https://api.openai.com/v1/models'],
  ['anthropic', 'https://api.anthropic.com/', 'https://api.anthropic.com/v1/models?limit=1000'],
  [
    'gemini',
    'https://generativelanguage.googleapis.com/v1beta',
    'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
  ],
  [
    'gemini',
    'https://generativelanguage.googleapis.com',
    'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
  ],
  ['openai-compatible', 'http://127.0.0.1:11434/llm/v1/', 'http://127.0.0.1:11434/llm/v1/models'],
] as const)('%s at %s is asked at %s', (provider, url, expected) => {
  expect(modelsUrl(ModelConnection.parse({ kind: 'model', name: 'x', provider, url, models: ['m'] })).href).toBe(
    expected,
  )
})

test.each(['https://u:p@host/', 'https://host/?key=x', 'https://host/#x', 'ftp://host', 'not a url'])(
  'a base URL is not %s',
  (url) => {
    expect(
      ModelConnection.safeParse({ kind: 'model', name: 'x', provider: 'openai', url, models: ['m'] }).success,
    ).toBe(false)
  },
)
