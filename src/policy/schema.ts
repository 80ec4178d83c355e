// The Cedar schema of all policies, from schema.cedarschema beside this file.
import { checkParseSchema, schemaToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { positionOfByte } from './byte-position.ts'
import { PolicyError } from './policy-error.ts'

export const SCHEMA_FILE = join(import.meta.dirname, 'schema.cedarschema')

export function readSchema(): string {
  return checkedSchema(readFileSync(SCHEMA_FILE, 'utf8'), 'schema.cedarschema')
}

function checkedSchema(text: string, file: string): string {
  const answer = checkParseSchema(text)
  if (answer.type === 'success') return text
  throw new PolicyError(
    'invalid-schema',
    answer.errors.map((error) => {
      const place = error.sourceLocations?.[0]
      const { line, column } = place ? positionOfByte(text, place.start) : { line: null, column: null }
      return { file, line, column, message: error.message, cure: error.help }
    }),
  )
}

/** The names of all actions in the schema, sorted. */
export function schemaActions(schema: string): string[] {
  const answer = schemaToJson(schema)
  if (answer.type === 'failure') return []
  return Object.values(answer.json)
    .flatMap((namespace) => Object.keys(namespace.actions))
    .toSorted()
}
