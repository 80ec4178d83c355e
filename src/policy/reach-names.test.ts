import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPolicies } from './load-policies.ts'
import { parsePolicies } from './parse-policies.ts'
import { reachNames } from './reach-names.ts'
import { readSchema } from './schema.ts'

test('finds npm in the built-in policies', () => {
  const builtInFolder = join(import.meta.dirname, '../../policies')
  expect(reachNames(loadPolicies({ builtInFolder, extraFolders: [], enable: [] }).inForce)).toEqual(['npm'])
})

test('finds names in all forms of permits, and none in forbids', () => {
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
