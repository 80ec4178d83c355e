import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPolicies } from './load-policies.ts'
import { parsePolicies } from './parse-policies.ts'
import { reachNames } from './reach-names.ts'
import { readSchema } from './schema.ts'

test('the built-in policies know npm', () => {
  const builtInFolder = join(import.meta.dirname, '../../policies')
  expect(reachNames(loadPolicies({ builtInFolder, extraFolders: [], enable: [] }).inForce)).toEqual(['npm'])
})

test('names are found in permits, however they are asked for, and not in what only takes away', () => {
  const when = (condition: string, effect = 'permit') =>
    `${effect} (principal is Run, action == Action::"connect", resource is Host) when { ${condition} };`
  const text = [
    when('context has reach && context.reach.contains("docs")'),
    when('principal has reach && principal.reach . containsAny ( ["pypi", "crates"] )'),
    when('principal has reach && principal.reach.contains("banned")', 'forbid'),
    when('context has service && context.service == "egress"'),
  ].join('\n')
  expect(reachNames(parsePolicies(text, 'ours.cedar', readSchema()))).toEqual(['crates', 'docs', 'pypi'])
})
