// Attempts to reach other places behind the same gateway or the same key.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { modelScript, told } from '../../inside-python.ts'
import { onModels } from './ground.ts'
import { expectRefusedAll, refusals } from './held.ts'

const endpoints = 'allow-list of paths'

export const PLACES: readonly Attempt[] = [
  onModels({
    id: 'models-other-connection',
    tries: 'use the connection of another task: by name, case, escape, dots, header, query, tunnel and absolute URL',
    wall: 'a gateway only knows the connections of its own run',
    invariant: 6,
    script: modelScript(String.raw`
at = lambda name: {'target': f'/models/{name}/v1/messages'}
each({name: at(name) for name in [OTHER, OTHER.upper(), OTHER.replace('o', '%6f'), OTHER + '%00', OWN + '/../' + OTHER, OWN + '/%2e%2e/' + OTHER, OWN + '%2f..%2f' + OTHER, '/' + OTHER, './' + OTHER, OWN + ';' + OTHER, OWN + ',' + OTHER, '*', '', '__proto__', 'constructor', '127.0.0.1', ELSEWHERE, 'x' * 100]})
each({
    'absolute': {'target': f'http://{HOST}/models/{OTHER}/v1/messages'}, 'query': {'path': f'/v1/messages?connection={OTHER}'},
    'model': {'body': {**BODY, 'model': OTHER + '/good'}}, 'key of the body': {'body': {**BODY, 'connection': OTHER}},
})
attempt('tunnel', lambda: through(request(target=f'/models/{OTHER}/v1/messages', host=MODELS), MODELS + ':443', MODELS))
each({'header': {'headers': f'X-Glovebox-Connection: {OTHER}\r\nX-Original-URL: /models/{OTHER}/v1/messages\r\nX-Rewrite-URL: /models/{OTHER}/v1/messages\r\n'}})`),
    verify(outcome, { provider }) {
      const tries = told(outcome)
      for (const { label, statuses, text } of tries) {
        const expected = label === 'header' ? [200] : [400, 403, 404].filter((status) => statuses[0] === status)
        expect([label, statuses, text]).toEqual([label, expected, text])
      }
      expect(provider.sent).toHaveLength(1)
      expect(refusals(outcome)).toBe(tries.length - 1)
    },
  }),
  onModels({
    id: 'models-other-endpoints',
    tries: 'reach files, batches, fine-tuning, stored answers, administration and keys behind the same credential',
    wall: endpoints,
    invariant: 6,
    provider: 'openai',
    script: modelScript(String.raw`
READ = ['files', 'files/file-1/content', 'batches', 'fine_tuning/jobs', 'responses', 'responses/resp_1', 'responses/resp_1/input_items', 'conversations/c/items', 'chat/completions', 'chat/completions/c/messages', 'vector_stores', 'containers', 'organization/admin_api_keys', 'organization/usage/completions', 'organization/audit_logs', 'assistants', 'threads/t', 'evals', 'models/good/permissions', 'key/info', 'spend/logs']
WRITE = ['files', 'uploads', 'batches', 'fine_tuning/jobs', 'responses/resp_1/cancel', 'responses/compact', 'embeddings', 'images/generations', 'audio/speech', 'completions', 'moderations', 'realtime/sessions', 'containers', 'vector_stores/v/search', 'organization/admin_api_keys', 'models', 'models/good', 'key/generate', 'load_lora_adapter']
each({'GET ' + path: {'path': '/v1/' + path, 'method': 'GET', 'body': b''} for path in READ})
each({'POST ' + path: {'path': '/v1/' + path} for path in WRITE})
each({'DELETE ' + path: {'path': '/v1/' + path, 'method': 'DELETE', 'body': b''} for path in ['models/good', 'responses/resp_1', 'files/file-1']})
each({path: {'path': path, 'method': 'GET', 'body': b''} for path in ['/', '/metrics', '/admin', '/dashboard/billing/usage', '/api/tags', '/v2/models', '/openapi.json']})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models, [404]),
  }),
  onModels({
    id: 'models-gemini-endpoints',
    tries: "reach Gemini's operations, tuned models, files, caches, batches and videos, whose paths begin like models",
    wall: endpoints,
    invariant: 6,
    provider: 'gemini',
    script: modelScript(String.raw`
READ = ['models/good/operations', 'models/good/operations/o', 'models/good:batchGenerateContent', 'tunedModels', 'tunedModels/t/permissions', 'files', 'cachedContents', 'batches', 'operations', 'corpora', 'fileSearchStores', 'models/../files', 'models/good/../../files', 'models/good:generateContent']
CALLS = ['batchGenerateContent', 'asyncBatchEmbedContent', 'predictLongRunning', 'predict', 'embedContent', 'generateAnswer', 'GenerateContent', 'generateContent:predict', 'countTokens/generateContent', 'createCachedContent', 'bidiGenerateContent']
each({'GET ' + path: {'path': '/v1beta/' + path, 'method': 'GET', 'body': b''} for path in READ})
each({'POST ' + call: {'path': f'/v1beta/models/good:{call}', 'body': {'contents': []}} for call in CALLS})
each({path: {'path': path, 'body': {'contents': []}} for path in ['/v1beta/models', '/v1beta/files', '/upload/v1beta/files', '/v1beta/tunedModels/t:generateContent', '/v1beta/models/dear:generateContent', '/v1beta/models/good%3AgenerateContent', '/v1beta/models/x%2fgood:generateContent', '/v1beta/models/good/x:generateContent', '/v1beta/models/good:generateContent?alt=media', '/v1beta/models/good:generateContent?$httpMethod=DELETE', '/v1alpha/models/good:generateContent', '/v1beta/publishers/google/models/good:generateContent']})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models),
  }),
  onModels({
    id: 'models-path-tricks',
    tries: 'leave the allowed path by dots, escapes, double slashes, backslash, NUL, case, parameters and `//host`',
    wall: endpoints,
    invariant: 2,
    script: modelScript(String.raw`
each({path: {'path': path} for path in ['/v1/messages/../files', '/v1/messages/%2e%2e/files', '/v1/%2e%2e/admin', '/v1/.%2E/%2e./v1/files', '/../../v1/files', '//v1/messages', '/v1//messages', '/v1/messages//', '/v1/messages/', '/v1%2fmessages', '/v1/messages%2f..%2ffiles', '/v1/messages%00', '/v1/messages%20', '/v1/messages%0d%0aX-Injected:%201', '/v1/messages;x=y', '/v1;/messages', '/V1/Messages', '/v1/messages.json', '/v1/messages/batches', '/v1\\messages', '/v1/messages\0', '/v1/messages#x', '/v1/messages%3fx', '/v1/messages?x', '/v1/messages?beta=true&beta=true', '/v1/messages?beta=false', '/v1/%ef%bc%8e%ef%bc%8e/files', '/v1/%c0%ae%c0%ae/files', '/v1/%252e%252e/files', '/v1/mess%61ges', f'//{ELSEWHERE}/v1/messages', f'/@{ELSEWHERE}/v1/messages', f'/http://{ELSEWHERE}/v1/messages', f'@{ELSEWHERE}/v1/messages', f':80@{ELSEWHERE}/', '', '/']})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models),
  }),
  onModels({
    id: 'models-other-host',
    tries: 'name another host: in Host, twice, in an absolute URL, in forwarding and base URL headers, in the tunnel',
    wall: "only the connection's URL decides where requests go",
    invariant: 2,
    script: modelScript(String.raw`
PATH = f'/models/{OWN}/v1/messages'
each({f'Host {host}': {'host': host} for host in [ELSEWHERE, PROVIDER, 'evil.example.com', MODELS, '127.0.0.1', '127.0.0.1:80', f'{HOST}@{ELSEWHERE}', f'{HOST}, {ELSEWHERE}', f'{ELSEWHERE}#{HOST}', '']})
each({
    'two hosts': {'headers': f'Host: {ELSEWHERE}\r\n'},
    'absolute': {'target': f'http://{ELSEWHERE}{PATH}', 'host': ELSEWHERE}, 'absolute, own Host': {'target': f'http://{ELSEWHERE}{PATH}'}, 'absolute, other Host': {'target': f'http://{HOST}{PATH}', 'host': ELSEWHERE},
    'in the clear': {'target': f'http://{MODELS}{PATH}', 'host': MODELS},
})
attempt('tunnel, other Host', lambda: through(request(host=ELSEWHERE), MODELS + ':443', MODELS))
attempt('tunnel, other SNI', lambda: through(request(host=MODELS), MODELS + ':443', 'git.glovebox.internal'))
each({'header ' + name: {'headers': f'{name}\r\n'} for name in [f'X-Forwarded-Host: {ELSEWHERE}', f'Forwarded: host={ELSEWHERE}', f'X-Host: {ELSEWHERE}', f'X-Original-URL: http://{ELSEWHERE}/', f'Helicone-Target-Url: http://{ELSEWHERE}', f'X-Portkey-Custom-Host: http://{ELSEWHERE}', f'Base-Url: http://{ELSEWHERE}', f'Referer: http://{ELSEWHERE}/', f'Origin: http://{ELSEWHERE}']})`),
    verify(outcome, { provider }) {
      const tries = told(outcome)
      const passed = tries.filter(({ label }) => label.startsWith('header '))
      for (const { label, statuses, text } of tries)
        if (!label.startsWith('header '))
          expect([label, statuses, text]).toEqual([label, [400, 403, 421].filter((one) => one === statuses[0]), text])
      expect(passed.map(({ statuses }) => statuses)).toEqual(passed.map(() => [200]))
      expect(provider.sent).toHaveLength(passed.length)
      expect(JSON.stringify(provider.sent.map(({ headers }) => ({ ...headers, host: '' })))).not.toMatch(/127\.0\.0\.1/)
      expect(refusals(outcome)).toBeGreaterThanOrEqual(tries.length - passed.length)
    },
  }),
  onModels({
    id: 'models-round-the-gateway',
    tries:
      "connect to the provider's own address, directly and through the proxy, in every spelling, with `anywhere` permitted",
    wall: 'own network namespace; the gateway connects to no private address for a sandbox, even if a connection has one',
    invariant: 2,
    reach: ['anywhere'],
    script: modelScript(String.raw`
host, port = PROVIDER.split(':')
for name in [PROVIDER, f'localhost:{port}', f'2130706433:{port}', f'0x7f000001:{port}', f'0177.0.0.1:{port}', f'127.1:{port}', f'[::1]:{port}', f'[::ffff:127.0.0.1]:{port}', f'0.0.0.0:{port}', f'localhost.:{port}']:
    attempt('tunnel ' + name, lambda: through(request(target='/v1/messages', host=name), name, None if name[0] in '0123456789[' else name.split(':')[0]))
    attempt('GET ' + name, lambda: raw(request(target=f'http://{name}/v1/messages', host=name, headers='X-Api-Key: glovebox-holds-the-key\r\n')))
def direct(address):
    sock = socket.create_connection((address, int(port)), 3)
    send(sock, request())
    return until_closed(sock)
for address in ['127.0.0.1', '127.0.0.2', '::1', '10.0.2.2', '172.17.0.1', '169.254.1.1']:
    attempt('direct ' + address, lambda: direct(address))`),
    verify(outcome, { provider }) {
      for (const { label, statuses, text } of told(outcome)) {
        if (label.startsWith('direct')) expect([label, text]).toEqual([label, expect.stringMatching(/Error/)])
        else
          expect([label, statuses, text]).toEqual([label, [400, 403, 421].filter((one) => one === statuses[0]), text])
      }
      expect([provider.connections, outcome.of('model.called')]).toEqual([0, []])
      expect(refusals(outcome)).toBeGreaterThanOrEqual(20)
    },
  }),
  onModels({
    id: 'models-methods',
    tries: 'use other methods, and headers and queries that turn POST into DELETE',
    wall: 'allow-list of methods, headers and queries',
    invariant: 6,
    script: modelScript(String.raw`
each({method: {'method': method} for method in ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'post', 'POST\t', 'INVENTED']})
each({'?' + query: {'path': '/v1/messages?' + query} for query in ['_method=DELETE', '$httpMethod=DELETE', '%24httpMethod=DELETE', 'X-HTTP-Method-Override=DELETE', 'beta=true&_method=PUT']})
each({'header ' + name: {'headers': f'{name}: DELETE\r\n'} for name in ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method']})`),
    verify(outcome, { provider }) {
      const tries = told(outcome)
      for (const { label, statuses, text } of tries) {
        const expected = label.startsWith('header ') ? [200] : [400, 404, 501].filter((one) => one === statuses[0])
        expect([label, statuses, text]).toEqual([label, expected, text])
      }
      expect(provider.sent).toHaveLength(4)
      expect(refusals(outcome)).toBeGreaterThanOrEqual(tries.length - 4)
    },
  }),
  onModels({
    id: 'models-realtime',
    tries: 'get a raw socket to the provider: WebSocket, h2c, CONNECT, and a provider that switches unasked',
    wall: 'the gateway upgrades no connection, on either side',
    invariant: 2,
    provider: 'openai',
    answer(res) {
      res.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nopen line')
    },
    script: modelScript(String.raw`
WS = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
each({'websocket ' + path: {'path': path, 'method': 'GET', 'body': b'', 'headers': WS} for path in ['/v1/realtime?model=good', '/v1/responses', '/v1/models']})
each({
    'websocket by POST': {'path': '/v1/responses', 'headers': WS}, 'h2c': {'path': '/v1/models', 'method': 'GET', 'body': b'', 'headers': 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'},
    'CONNECT to a path': {'method': 'CONNECT'}, 'CONNECT to the provider': {'method': 'CONNECT', 'target': PROVIDER, 'host': PROVIDER},
})
attempt('switched', lambda: ask('/v1/chat/completions', {'model': 'good', **SAYS}) )
attempt('switched, and more', lambda: raw(request('/v1/chat/completions', {'model': 'good', **SAYS}, headers='Connection: keep-alive\r\n') + b'GET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n'))`),
    verify(outcome, { provider }) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, text]).toEqual([label, expect.not.stringMatching(/open line|101 Switching/)])
        expect([label, statuses.filter((status) => status < 300)]).toEqual([label, []])
      }
      expect(provider.sent.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/v1/chat/completions'])
      expect(refusals(outcome)).toBeGreaterThanOrEqual(6)
    },
  }),
]
