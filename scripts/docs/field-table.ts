// Markdown tables for JSON Schema objects.
import { z } from 'zod'

export interface JsonSchema {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
}

export function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): JsonSchema {
  return z.toJSONSchema(schema, { io }) as JsonSchema
}

export function fieldTable(schema: JsonSchema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const optional = schema.required?.includes(name) ? '' : ' (optional)'
    return `| \`${name}\`${optional} | ${typeOf(property)} | ${meaning(property)} |`
  })
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n')
}

function meaning({ description = '', default: value }: JsonSchema): string {
  const isPlain =
    value !== undefined && value !== null && JSON.stringify(value) !== '{}' && JSON.stringify(value) !== '[]'
  const text = description.replaceAll('|', '\\|')
  return isPlain ? `${text}${text === '' ? '' : '; '}default: \`${JSON.stringify(value)}\`` : text
}

export function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return isByteText(schema) ? 'bytes' : schema.anyOf.map(typeOf).join(' or ')
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' or ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.enum)
    return schema.enum.length > 8
      ? 'one of the kinds below'
      : schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.type === 'object' && schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`
  if (schema.type === 'object') return 'map'
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any')
}

function isByteText(schema: JsonSchema): boolean {
  return schema.anyOf?.some((part) => part.properties?.['base64'] !== undefined) ?? false
}
