// The OpenAPI 3.1 document, derived from the table.
import { z } from 'zod'
import { EventEnvelope } from '../domain/event.ts'
import { API_ROOT, type Endpoint, isRawBody } from './endpoint.ts'
import { PROBLEMS } from './problem.ts'
import { ProblemBody } from './problem-body.ts'
import { ENDPOINT_NAMES, ENDPOINTS } from './table.ts'

type Json = Record<string, unknown>

export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const name of ENDPOINT_NAMES) {
    const endpoint: Endpoint = ENDPOINTS[name]
    const path = endpoint.path.replace(/:([a-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Glovebox', version, description: 'Runs, changes, tasks and policies of one Glovebox instance.' },
    servers: [{ url: API_ROOT }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Event: schemaOf(EventEnvelope, 'output'),
        LogEntry: logEntrySchema(),
        Problem: schemaOf(ProblemBody, 'output'),
      },
      responses: { Problem: problemResponse() },
    },
  }
}

function operation(name: string, endpoint: Endpoint): Json {
  return {
    operationId: name,
    summary: endpoint.summary,
    'x-permission': endpoint.permission,
    ...(endpoint.event ? { 'x-event': endpoint.event } : {}),
    parameters: [...parameters('path', endpoint.params), ...parameters('query', endpoint.query)],
    ...(endpoint.body ? { requestBody: { required: true, content: bodyContent(endpoint.body) } } : {}),
    responses: {
      [status(endpoint)]: { description: endpoint.summary, content: content(endpoint) },
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function bodyContent(body: NonNullable<Endpoint['body']>): Json {
  return isRawBody(body)
    ? { [body.type]: { schema: { type: 'string', format: 'binary', maxLength: body.maxBytes } } }
    : { 'application/json': { schema: schemaOf(body, 'input') } }
}

function parameters(place: 'path' | 'query', shape: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = schemaOf(shape, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema,
  }))
}

function status(endpoint: Endpoint): number {
  return endpoint.answer.kind === 'json' ? endpoint.answer.status : 200
}

function content(endpoint: Endpoint): Json {
  switch (endpoint.answer.kind) {
    case 'json':
      return { 'application/json': { schema: schemaOf(endpoint.answer.schema, 'output') } }
    case 'events':
      return { 'application/x-ndjson': { schema: { $ref: '#/components/schemas/Event' } } }
    case 'log':
      return { 'application/x-ndjson': { schema: { $ref: '#/components/schemas/LogEntry' } } }
    case 'bytes':
      return { [endpoint.answer.type]: { schema: { type: 'string', format: 'binary' } } }
  }
}

function logEntrySchema(): Json {
  const properties = { position: { type: 'integer', minimum: 1 }, event: { $ref: '#/components/schemas/Event' } }
  return { type: 'object', properties, required: ['position', 'event'] }
}

function problemResponse(): Json {
  const codes = Object.entries(PROBLEMS).map(([code, row]) => `${code} (${row.status}): ${row.meaning}`)
  return {
    description: codes.join('; '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Json
  return rest
}
