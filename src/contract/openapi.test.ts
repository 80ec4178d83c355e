import { expect, test } from 'vitest'
import { openApiDocument } from './openapi.ts'
import { ENDPOINT_NAMES } from './table.ts'

interface Operation {
  operationId: string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: { type?: string } }> }
  responses: Record<string, { content?: Record<string, { schema: object }>; $ref?: string }>
}

const document = openApiDocument('1.2.3') as unknown as {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((operation) => ({ path, operation })),
)

test('is OpenAPI 3.1 and has every endpoint once', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(operations.map(({ operation }) => operation.operationId).toSorted()).toEqual([...ENDPOINT_NAMES].toSorted())
})

test('declares the parameters of each path as required, with a schema', () => {
  for (const { path, operation } of operations) {
    const declared = operation.parameters.filter((parameter) => parameter.in === 'path')
    expect(declared.map((parameter) => parameter.name)).toEqual(
      [...path.matchAll(/\{([a-z]+)\}/g)].map((match) => match[1]),
    )
    expect(declared.every((parameter) => parameter.required)).toBe(true)
    for (const parameter of operation.parameters) expect(Object.keys(parameter.schema).length).toBeGreaterThan(0)
  }
})

test('gives every operation a success response with a schema and a problem response', () => {
  for (const { operation } of operations) {
    const [status, success] = Object.entries(operation.responses).find(([key]) => key !== 'default') ?? []
    expect(status).toMatch(/^20[012]$/)
    expect(Object.values(success?.content ?? {})[0]?.schema).toBeDefined()
    expect(operation.responses['default']).toEqual({ $ref: '#/components/responses/Problem' })
  }
})

test('has no dangling reference', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? '')
  expect(references.length).toBeGreaterThan(0)
  for (const reference of references) {
    expect(
      reference
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document),
    ).toBeDefined()
  }
})
