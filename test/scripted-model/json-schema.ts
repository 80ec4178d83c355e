import { z } from 'zod'

export interface JsonSchema {
  /** Lower case in JSON Schema, upper case in Gemini's own form. */
  type?: string | string[] | undefined
  properties?: Record<string, JsonSchema> | undefined
  required?: string[] | undefined
  items?: JsonSchema | undefined
  enum?: unknown[] | undefined
  anyOf?: JsonSchema[] | undefined
  const?: unknown
}

export const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchema.optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(jsonSchema).optional(),
    const: z.unknown().optional(),
  }),
)

export function typeOf(schema: JsonSchema): string {
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type
  return type?.toLowerCase() ?? (schema.properties ? 'object' : 'string')
}

/** The smallest value that the schema accepts, for fields of which a script knows nothing. */
export function sample(schema: JsonSchema, text: string): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf?.[0]) return sample(schema.anyOf[0], text)
  switch (typeOf(schema)) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {}, text)]),
      )
    case 'array':
      return []
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return 1
    case 'null':
      return null
    default:
      return text
  }
}
