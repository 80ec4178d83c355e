// Converts Zod's issues with a YAML file to problems with a position and a cure.
import type { z } from 'zod'
import { nearestWord, suggestion } from '../nearest-word.ts'
import type { SourceProblem } from './source-problem.ts'
import type { YamlSource } from './yaml-source.ts'

type Issue = z.core.$ZodIssue
type Schema = z.core.$ZodType

/** Most reported problems; a hostile file could have thousands. */
const MAX_TOLD = 50

export function schemaProblems(schema: Schema, issues: readonly Issue[], source: YamlSource): SourceProblem[] {
  return issues.slice(0, MAX_TOLD).flatMap((issue) => describeIssue(schema, issue, source))
}

function describeIssue(schema: Schema, issue: Issue, source: YamlSource): SourceProblem[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(schema, issue, source)
  if (issue.code === 'invalid_union') return unionProblem(schema, issue, source)
  if (issue.code === 'invalid_key') return [keyProblem(issue, source)]
  const given = valueAt(source.value, issue.path)
  return [{ ...source.placeOf(issue.path), ...explain(issue, pathName(issue.path) || 'the file', given, source) }]
}

type Explained = Pick<SourceProblem, 'message' | 'cure'>

function explain(issue: Issue, name: string, given: unknown, source: YamlSource): Explained {
  switch (issue.code) {
    case 'invalid_value':
      return explainValue(issue.values.map(String), name, given)
    case 'invalid_type':
      return explainType(issue.expected, name, given, source.sourceOf(issue.path))
    case 'too_small': {
      const bound = `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
      return { message: `${name} is too ${isNumber(issue.origin) ? 'small' : 'short'}`, cure: bound }
    }
    case 'too_big':
      return {
        message: `${name} is too ${isNumber(issue.origin) ? 'large' : 'long'}`,
        cure: `at most ${issue.maximum}`,
      }
    case 'invalid_format':
      return { message: `${name} can't be ${brief(given)}`, cure: issue.message }
    default:
      return { message: `${name}: ${issue.message}`, cure: null }
  }
}

function explainValue(values: readonly string[], name: string, given: unknown): Explained {
  const all = `one of: ${values.join(', ')}`
  if (given === undefined) return { message: `${name} is missing`, cure: all }
  const near = typeof given === 'string' ? nearestWord(given, values) : null
  return { message: `${name} can't be ${brief(given)}`, cure: near === null ? all : `did you mean \`${near}\`?` }
}

function explainType(expected: string, name: string, given: unknown, written: string | null): Explained {
  if (given === undefined) return { message: `${name} is missing`, cure: `it is ${article(expected)}` }
  const unquoted = expected === 'string' && typeof given !== 'object'
  const cure = unquoted ? `write it in quotes: "${written ?? String(given)}"` : null
  const kind = expected === 'int' && typeof given === 'number' ? 'a fraction' : kindOf(given)
  return { message: `${name} must be ${article(expected)}, not ${kind}`, cure }
}

function unknownKeys(schema: Schema, issue: Of<'unrecognized_keys'>, source: YamlSource): SourceProblem[] {
  const known = knownKeys(schema, issue.path)
  const where = issue.path.length === 0 ? '' : ` in ${pathName(issue.path)}`
  return issue.keys.slice(0, MAX_TOLD).map((key) => ({
    ...source.placeOfKey(issue.path, key),
    message: `unknown key \`${key}\`${where}`,
    cure: suggestion(key, known),
  }))
}

function keyProblem(issue: Of<'invalid_key'>, source: YamlSource): SourceProblem {
  const key = String(issue.path.at(-1))
  const cure = issue.issues[0]?.message ?? null
  return { ...source.placeOfKey(issue.path.slice(0, -1), key), message: `\`${key}\` is not a valid name`, cure }
}

/** Explains a failed union by the branch whose type matched, if there is one. */
function unionProblem(schema: Schema, issue: Of<'invalid_union'>, source: YamlSource): SourceProblem[] {
  const branches = issue.errors.flat()
  if (branches.length === 0 && 'options' in issue && Array.isArray(issue.options)) {
    // The discriminator field has an unknown value.
    const explained = explainValue(issue.options.map(String), pathName(issue.path), valueAt(source.value, issue.path))
    return [{ ...source.placeOf(issue.path), ...explained }]
  }
  const further = branches.find((branch) => branch.code !== 'invalid_type' || branch.path.length > 0)
  if (further) return describeIssue(schema, { ...further, path: [...issue.path, ...further.path] } as Issue, source)
  const kinds = new Set(
    branches.flatMap((branch) => (branch.code === 'invalid_type' ? [article(branch.expected)] : [])),
  )
  const message = `${pathName(issue.path)} must be ${[...kinds].join(' or ')}`
  return [{ ...source.placeOf(issue.path), message, cure: null }]
}

type Of<Code extends Issue['code']> = Extract<Issue, { code: Code }>

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int'
}

/** `steps[2].env.HOME` */
export function pathName(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

/** The keys that the schema allows at a path, for "did you mean". */
function knownKeys(schema: Schema, path: readonly PropertyKey[]): string[] {
  const { def } = schema._zod as { def: SchemaDefinition }
  const inner = def.innerType ?? def.in
  if (inner) return knownKeys(inner, path)
  if (def.options) return [...new Set(def.options.flatMap((option) => knownKeys(option, path)))]
  const [head, ...rest] = path
  if (head === undefined) return Object.keys(def.shape ?? {})
  const next = def.element ?? def.valueType ?? def.shape?.[String(head)]
  return next ? knownKeys(next, rest) : []
}

interface SchemaDefinition {
  innerType?: Schema
  in?: Schema
  options?: Schema[]
  shape?: Record<string, Schema>
  element?: Schema
  valueType?: Schema
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => {
    const inside = typeof at === 'object' && at !== null && Object.hasOwn(at, key)
    return inside ? (at as Record<PropertyKey, unknown>)[key] : undefined
  }, value)
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['tuple', 'a list'],
  ['object', 'a mapping'],
  ['record', 'a mapping'],
])

function article(expected: string): string {
  return NAMES.get(expected) ?? expected
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return article(typeof value)
}

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``
}
