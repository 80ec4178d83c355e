import { expect, test } from 'vitest'
import { endToEndHeaders, headerPairs } from './headers.ts'

test('removes hop-by-hop headers and those that Connection names', () => {
  const headers = new Map(
    headerPairs(['Connection', 'Keep-Alive, X-Secret', 'X-Secret', '1', 'TE', 'trailers', 'X-Kept', '2']),
  )
  expect([...endToEndHeaders(headers)]).toEqual([['x-kept', '2']])
})

test('Connection cannot remove headers that define the request', () => {
  const headers = new Map(headerPairs(['Connection', 'host, content-length', 'Host', 'a', 'Content-Length', '3']))
  expect([...endToEndHeaders(headers).keys()]).toEqual(['host', 'content-length'])
})
