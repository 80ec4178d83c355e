import { expect, test } from 'vitest'
import { ACTOR_HEADER } from '../contract/endpoint.ts'
import { authenticateOwner, authenticateToken, hostsOf } from './authenticate.ts'

const PERSON = { id: 'user:alice' }
const TOKEN = 'x'.repeat(43)

function ask(headers: Record<string, string>): Request {
  return new Request('http://glovebox.invalid/api/v1/runs', { headers })
}

test('the owner transport accepts the actor in the header: a person, or a service through a person', async () => {
  for (const actor of [PERSON, { id: 'service:ci', via: 'user:alice' }]) {
    expect(await authenticateOwner(ask({ [ACTOR_HEADER]: JSON.stringify(actor) }))).toMatchObject({
      actor,
      proof: 'owner',
    })
  }
})

test.each([
  ['a missing header', undefined],
  ['a header that is not JSON', 'user:alice'],
  ['a run, which is code in a sandbox', '{"id":"run:00000000000000000001"}'],
  ['Glovebox itself', '{"id":"system:runner"}'],
  ['a service without a person', '{"id":"service:ci"}'],
  ['a service through a service', '{"id":"service:ci","via":"service:other"}'],
  ['a service through odd text', '{"id":"service:ci","via":"\\u001b[31m"}'],
  ['a person through a person', '{"id":"user:alice","via":"user:bob"}'],
  ['an id with other characters', '{"id":"user:alice bob"}'],
  ['more than an actor', '{"id":"user:alice","roles":["admin"]}'],
  ['a very long header', `{"id":"user:alice"${' '.repeat(2000)}}`],
])('the owner transport refuses %s', async (_, header) => {
  await expect(authenticateOwner(ask(header === undefined ? {} : { [ACTOR_HEADER]: header }))).rejects.toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  )
})

const authenticate = authenticateToken({ token: TOKEN, actor: PERSON, hosts: () => hostsOf('127.0.0.1', 7373) })

test('over TCP the token determines the actor, whatever actor the request names', async () => {
  const headers = { host: '127.0.0.1:7373', authorization: `Bearer ${TOKEN}`, [ACTOR_HEADER]: '{"id":"user:mallory"}' }
  const caller = { actor: PERSON, proof: 'token' }
  expect(await authenticate(ask(headers))).toMatchObject(caller)
  for (const host of ['localhost:7373', 'LOCALHOST:7373', '[::1]:7373'])
    expect(await authenticate(ask({ ...headers, host }))).toMatchObject(caller)
})

test.each([
  ['no token', {}],
  ['only an actor', { [ACTOR_HEADER]: '{"id":"user:alice"}' }],
  ['another token', { authorization: `Bearer ${'y'.repeat(43)}` }],
  ['the beginning of the token', { authorization: `Bearer ${TOKEN.slice(0, 10)}` }],
  ['the token and more', { authorization: `Bearer ${TOKEN}x` }],
  ['an empty token', { authorization: 'Bearer ' }],
  ['another scheme', { authorization: `Basic ${TOKEN}` }],
])('over TCP, refuses a request with %s', async (_, headers) => {
  await expect(authenticate(ask({ host: '127.0.0.1:7373', ...(headers as Record<string, string>) }))).rejects.toThrow(
    expect.objectContaining({ code: 'unauthenticated' }),
  )
})

test.each([
  'evil.example',
  'evil.example:7373',
  '127.0.0.1',
  '127.0.0.1:80',
  'localhost:7374',
  '127.0.0.1:7373.evil.example',
  '',
])('over TCP, refuses the host name "%s" even with the token', async (host) => {
  await expect(authenticate(ask({ host, authorization: `Bearer ${TOKEN}` }))).rejects.toThrow(
    expect.objectContaining({ code: 'wrong-host' }),
  )
})
