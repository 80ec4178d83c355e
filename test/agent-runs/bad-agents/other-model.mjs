// Requests a model that is not permitted, with a key of its own, and prints the response.
const [url, model] = process.argv.slice(2)
const ask = (path, init) => fetch(`${url}${path}`, { method: 'POST', ...init })
const headers = {
  'content-type': 'application/json',
  'x-api-key': 'sk-ant-stolen-elsewhere',
  'anthropic-version': '2023-06-01',
}
const body = (fields) => JSON.stringify({ max_tokens: 10, messages: [{ role: 'user', content: 'x' }], ...fields })

for (const [path, fields] of [
  ['/v1/messages', { model: `${model}-dearer` }],
  ['/v1/messages', { model, tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }],
  ['/v1/files', { model }],
  ['/v1/../../other/v1/messages', { model }],
]) {
  const response = await ask(path, { headers, body: body(fields) })
  console.log(response.status, (await response.text()).replaceAll('\n', ' '))
}
