import { describe, expect, test } from 'vitest'
import { checkPolicyFile, parsePolicies } from './parse-policies.ts'
import { problemLine } from './policy-error.ts'
import { readSchema } from './schema.ts'

const SCHEMA = readSchema()

function lines(text: string): string[] {
  return checkPolicyFile(text, 'x.cedar', SCHEMA).map(problemLine)
}

describe('checkPolicyFile', () => {
  test('accepts a valid file', () => {
    expect(lines('permit (principal is User, action == Action::"audit.read", resource);')).toEqual([])
  })

  test.each([
    [
      'a missing parenthesis',
      'permit (principal, action, resource',
      /^x\.cedar:1:36: unexpected end of input; expected/,
    ],
    [
      'an unknown action',
      '// é ü\npermit (principal, action == Action::"connnect", resource);',
      /^x\.cedar:2:30: unrecognized action .*did you mean/,
    ],
    [
      'an unknown attribute',
      'permit (principal is Run, action, resource)\nwhen { principal.mod == "write" };',
      /^x\.cedar:2:8: .*`mod`.*not found/,
    ],
    [
      'an optional attribute used unguarded',
      'permit (principal is Run, action, resource)\nwhen { principal.mode == "write" };',
      /unable to guarantee safety.*has mode &&/,
    ],
    [
      'a wrong type',
      'permit (principal, action == Action::"git.push", resource) when { context.forced == "no" };',
      /not compatible/,
    ],
    [
      'an unknown entity type',
      'permit (principal is Usr, action, resource);',
      /unrecognized entity type `Usr`.*did you mean `User`/,
    ],
    [
      'a forbid that never applies',
      'forbid (principal is Service, action == Action::"connect", resource);',
      /impossible|applicable action/,
    ],
    [
      'a text with bidirectional control characters',
      'forbid (principal, action == Action::"git.push", resource) when { context.ref == "a\u202eb" };',
      /BIDI/,
    ],
    [
      'a name in mixed scripts',
      'forbid (principal, action == Action::"git.push", resource) when { context.ref == "m\u0430in" };',
      /mixed scripts/,
    ],
    ['a template', 'permit (principal == ?principal, action, resource);', /template/],
    ['an empty file', '// nothing', /no policy/],
    ['a lone surrogate', '// \ud800', /Unicode/],
    [
      'two policies with one id',
      '@id("a") permit (principal is User, action, resource); @id("a") permit (principal is Run, action, resource);',
      /two policies have the id/,
    ],
    ['a malformed id', '@id("A b") permit (principal is User, action, resource);', /is not a valid policy id/],
    [
      'an unknown annotation',
      '@enabled("no") permit (principal is User, action, resource);',
      /unknown annotation `@enabled`/,
    ],
    [
      'an unknown value of @default',
      '@default("false") permit (principal is User, action, resource);',
      /must be `@default\("off"\)`/,
    ],
    ['a file that is too large', `// ${'x'.repeat(300_000)}`, /larger than 256 KiB/],
  ])('refuses %s', (_, text, expected) => {
    expect(lines(text).join('\n')).toMatch(expected)
  })
})

test('more than ten policies keep the order of the file', () => {
  const text = Array.from(
    { length: 23 },
    (_, i) =>
      `permit (principal is User, action == Action::"audit.read", resource) when { context has ref && context.ref == "${i}" };`,
  ).join('\n')
  const policies = parsePolicies(text, 'many.cedar', SCHEMA)
  expect(policies.map((policy) => /"(\d+)"/.exec(policy.text)?.[1])).toEqual(policies.map((_, i) => String(i)))
  expect(policies[22]?.id).toBe('many#23')
})
