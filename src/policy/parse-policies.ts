// Parses the text of a .cedar file into policies. The id of a policy later appears as the reason of a decision.
import type { DetailedError, ValidationAnswer } from '@cedar-policy/cedar-wasm/nodejs'
import { policySetTextToParts, policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs'
import { positionOfByte } from './byte-position.ts'
import type { PolicyErrorCode, PolicyProblem } from './policy-error.ts'
import { PolicyError } from './policy-error.ts'
import { readSchema } from './schema.ts'

export interface Policy {
  /** From `@id("…")`, else `<file name>#<position in the file>`. */
  id: string
  file: string
  effect: 'permit' | 'forbid'
  text: string
  /** The comment right above the policy, else the first comment of the file. */
  description: string
  /** `@default("off")`: in force only if the configuration enables it. */
  optional: boolean
  /** `@replaces("…")`: the id of the built-in policy that is out of force while this one is in force. */
  replaces: string | null
}

const MAX_FILE_BYTES = 256 * 1024
const MAX_POLICIES = 500
const ID = /^[a-z0-9][A-Za-z0-9._#-]{0,127}$/
const ANNOTATIONS = ['id', 'default', 'replaces', 'description']

/** Throws PolicyError with every problem of the file. */
export function parsePolicies(text: string, file: string, schema: string): Policy[] {
  refuse('invalid-policy', policyProblems(text, file, schema))
  const policies = splitPolicies(text).map((part, index) => readPolicy(part, index, text, file))
  refuse(
    'invalid-policy',
    policies.flatMap((policy) => policyIdProblem(policy)),
  )
  return policies
}

/** All problems of a policy file; empty if it is valid. Never throws. */
export function checkPolicyFile(text: string, file: string, schema: string = readSchema()): readonly PolicyProblem[] {
  try {
    const policies = parsePolicies(text, file, schema)
    return duplicateIds(policies)
  } catch (error) {
    if (error instanceof PolicyError) return error.problems
    return [{ file, line: null, column: null, message: `the file can't be checked: ${String(error)}`, cure: null }]
  }
}

export function duplicateIds(policies: readonly Policy[]): PolicyProblem[] {
  const first = new Map<string, Policy>()
  return policies.flatMap((policy) => {
    const other = first.get(policy.id)
    if (!other) first.set(policy.id, policy)
    return other
      ? [
          problem(
            policy.file,
            `two policies have the id \`${policy.id}\` (the other is in ${other.file})`,
            'give each its own @id("…")',
          ),
        ]
      : []
  })
}

function policyProblems(text: string, file: string, schema: string): PolicyProblem[] {
  if (!text.isWellFormed()) return [problem(file, 'the file is not valid Unicode', 'save it as UTF-8')]
  if (new TextEncoder().encode(text).length > MAX_FILE_BYTES) {
    return [problem(file, `the file is larger than ${MAX_FILE_BYTES / 1024} KiB`, 'split it')]
  }
  const answer = validate({ schema, policies: { staticPolicies: text }, validationSettings: { mode: 'strict' } })
  return [...cedarErrors(answer).map((error) => located(error, text, file)), ...shapeProblems(answer, text, file)]
}

/**
 * Errors of a validation, or its warnings if there is no error. Warnings count as errors: a policy that can never
 * apply, or that hides characters, protects nothing. Beside an error they are left out, as they often only repeat it.
 */
export function cedarErrors(answer: ValidationAnswer): DetailedError[] {
  if (answer.type === 'failure') return answer.errors
  const errors = answer.validationErrors.map(({ error }) => error)
  return errors.length > 0 ? errors : answer.validationWarnings.map(({ error }) => error).concat(answer.otherWarnings)
}

function shapeProblems(answer: ValidationAnswer, text: string, file: string): PolicyProblem[] {
  if (answer.type === 'failure') return []
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') return parts.errors.map((error) => located(error, text, file))
  if (parts.policy_templates.length > 0)
    return [problem(file, 'the file has a template (`?principal` or `?resource`)', 'write out the policy')]
  if (parts.policies.length > MAX_POLICIES)
    return [problem(file, `the file has more than ${MAX_POLICIES} policies`, 'split it')]
  return parts.policies.length === 0 ? [problem(file, 'the file has no policy', 'add one, or remove the file')] : []
}

function located(error: DetailedError, text: string, file: string): PolicyProblem {
  const place = error.sourceLocations?.[0]
  const { line, column } = place ? positionOfByte(text, place.start) : { line: null, column: null }
  const message = error.message
    .replace(/^for policy `[^`]*`, /, '')
    .replace('failed to parse policies from string: ', '')
  const expected = place?.label?.startsWith('expected') ? place.label : null
  return { file, line, column, message, cure: error.help?.replace(/^for policy `[^`]*`, /, '') ?? expected }
}

/** Policies in the order of the file. Cedar returns them sorted by name: `policy0`, `policy1`, `policy10`, … */
function splitPolicies(text: string): string[] {
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') return []
  const sorted = parts.policies.map((_, index) => `policy${index}`).toSorted()
  return parts.policies.map((_, index) => parts.policies[sorted.indexOf(`policy${index}`)] ?? '')
}

function readPolicy(part: string, index: number, text: string, file: string): Policy {
  const answer = policyToJson(part)
  if (answer.type === 'failure')
    throw new PolicyError(
      'invalid-policy',
      answer.errors.map((error) => located(error, text, file)),
    )
  const { effect, annotations = {} } = answer.json
  const unknown = Object.keys(annotations).find((name) => !ANNOTATIONS.includes(name))
  if (unknown !== undefined) {
    throw new PolicyError('invalid-policy', [
      problem(
        file,
        `unknown annotation \`@${unknown}\``,
        `the annotations are ${ANNOTATIONS.map((name) => `@${name}`).join(', ')}`,
      ),
    ])
  }
  if (annotations['default'] !== undefined && annotations['default'] !== 'off') {
    throw new PolicyError('invalid-policy', [
      problem(file, `\`@default("${annotations['default']}")\` must be \`@default("off")\``, 'change or remove it'),
    ])
  }
  return {
    id: annotations['id'] ?? `${baseName(file)}#${index + 1}`,
    file,
    effect,
    text: part,
    description: commentAbove(text, part) || headComment(text),
    optional: annotations['default'] === 'off',
    replaces: annotations['replaces'] ?? null,
  }
}

function policyIdProblem({ id, file }: Policy): PolicyProblem[] {
  return ID.test(id)
    ? []
    : [
        problem(
          file,
          `\`${id}\` is not a valid policy id`,
          'use letters, digits, dashes and dots, for example @id("npm-registry")',
        ),
      ]
}

/** The comment lines right above the policy. */
function commentAbove(text: string, part: string): string {
  const lines = text
    .slice(0, Math.max(0, text.indexOf(part)))
    .split('\n')
    .slice(0, -1)
  const above = lines.slice(lines.findLastIndex((line) => !line.startsWith('//')) + 1)
  return plainComment(above)
}

function headComment(text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return plainComment(lines.slice(0, end === -1 ? lines.length : end))
}

function plainComment(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n')
    .trim()
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.cedar$/, '')
}

function problem(file: string, message: string, cure: string | null): PolicyProblem {
  return { file, line: null, column: null, message, cure }
}

function refuse(code: PolicyErrorCode, problems: readonly PolicyProblem[]): void {
  if (problems.length > 0) throw new PolicyError(code, problems)
}
