// Generator of docs/api.md.
import { ACTOR_HEADER, API_ROOT } from '../../src/contract/endpoint.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { PROBLEMS } from '../../src/contract/problem.ts'
import { ENDPOINTS } from '../../src/contract/table.ts'

export function apiPage(): string {
  return `# The HTTP API

This page is generated from \`src/contract/\`. A running instance serves the whole contract as OpenAPI 3.1 under
\`${API_ROOT}/openapi.json\`.

    bin/glovebox serve            # 127.0.0.1 and the socket <data>/server.sock

Requests over TCP carry \`Authorization: Bearer <token>\`; the token is in \`<data>/api-token\`, which only the owner of the
data folder can read. Everyone with the token acts as the account that \`serve\` runs under. The socket needs no token,
because only the owner can reach it; there, the header \`${ACTOR_HEADER}\` names the actor of a request. The command line
uses the same API, in its own process or through that socket. \`POST /runs\` queues a run and returns at once; a worker of
the server then executes it. Over TCP, \`repository\` is a name from \`repositories\` in \`glovebox.yaml\`, such as \`shop\`
below; over the socket it may also be a path or a URL.

The port speaks HTTP without TLS, so whoever can read the traffic can read the token. Leave \`--host\` at 127.0.0.1; others
reach it through \`ssh -L\` or through a reverse proxy with TLS on the same machine. Each request to the port becomes one
line on standard error when its answer has ended: time, address, who (\`-\`: not authenticated), method, path without its
query, status and duration. While \`serve\` runs, in another terminal:

    TOKEN=$(cat "$(bin/glovebox data path)/api-token")
    curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:7373${API_ROOT}/runs
    curl -N -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:7373${API_ROOT}/runs/latest/events?follow=true"
    curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
      -d '{"repository": "shop", "work": {"kind": "task", "name": "fix-vulnerabilities"}}' \\
      http://127.0.0.1:7373${API_ROOT}/runs
    curl --unix-socket "$(bin/glovebox data path)/server.sock" -H '${ACTOR_HEADER}: {"id":"user:you"}' http://localhost${API_ROOT}/runs

Paths below start with \`${API_ROOT}\`.

| method and path | what it does | permission | event |
|---|---|---|---|
${Object.values(ENDPOINTS).map(endpointRow).join('\n')}

An error has the media type \`application/problem+json\` and the fields \`code\`, \`message\`, and optionally \`cure\` and
\`details\`.

| code | HTTP status | exit code | meaning |
|---|---|---|---|
${Object.entries(PROBLEMS)
  .map(([code, { status, exit, meaning }]) => `| \`${code}\` | ${status} | ${exit} | ${meaning} |`)
  .join('\n')}
`
}

function endpointRow({ method, path, summary, permission, event }: Endpoint): string {
  return `| \`${method} ${path}\` | ${summary} | \`${permission}\` | ${event === null ? '' : `\`${event}\``} |`
}
