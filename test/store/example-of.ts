// An example of whatever a Zod schema accepts, the same each time: every optional member is there, every list has one
// entry, of alternatives the first that is not null.
import { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** Tried in this order where a string has a pattern. */
const STRINGS = [
  'naïve text',
  `sha256:${'ab'.repeat(32)}`,
  'cd'.repeat(20),
  '0123456789abcdefghj0',
  'user:ada',
  'YWI=',
  'ab',
]

export function exampleOf(schema: z.ZodType): unknown {
  const example = build(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }), '$')
  schema.parse(example)
  return example
}

function build(schema: Schema, at: string): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return build(firstNotNull(alternatives as Schema[]), at)
  switch (firstType(schema.type)) {
    case 'object':
      return buildObject(schema, at)
    case 'array':
      return buildList(schema, at)
    case 'string':
      return stringFor(schema, at)
    case 'integer':
      return Math.max(schema.minimum ?? 0, 7)
    case 'number':
      return Math.max(schema.minimum ?? 0, 1.5)
    case 'boolean':
      return true
    case undefined:
      return 'anything'
    default:
      throw new Error(`${at} has the type ${String(schema.type)}, of which there is no example`)
  }
}

function firstType(type: unknown): unknown {
  return Array.isArray(type) ? type.find((one) => one !== 'null') : type
}

function firstNotNull(alternatives: readonly Schema[]): Schema {
  const found = alternatives.find(({ type }) => type !== 'null')
  if (found === undefined) throw new Error('every alternative is null')
  return found
}

function buildObject({ properties = {}, additionalProperties }: Schema, at: string): unknown {
  const named = Object.entries(properties).map(([name, member]) => [name, build(member as Schema, `${at}.${name}`)])
  const open = typeof additionalProperties === 'object' && additionalProperties !== null
  const more = open ? [['some-key', build(additionalProperties as Schema, `${at}.*`)]] : []
  return Object.fromEntries([...named, ...more])
}

function buildList({ items, prefixItems, minItems }: Schema, at: string): unknown[] {
  if (Array.isArray(prefixItems)) return prefixItems.map((item, index) => build(item as Schema, `${at}[${index}]`))
  return Array.from({ length: minItems ?? 1 }, () => build(items as Schema, `${at}[]`))
}

function stringFor({ pattern, maxLength = Infinity }: Schema, at: string): string {
  const found = STRINGS.find(
    (text) => text.length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(text)),
  )
  if (found === undefined) throw new Error(`${at} has the pattern ${pattern}: add a string to STRINGS that matches it`)
  return found
}
