import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOfThisTest } from '../../test/test-folder.ts'
import { loadPolicies } from './load-policies.ts'
import { PolicyError } from './policy-error.ts'

const BUILT_IN = join(import.meta.dirname, '../../policies')
const PERMIT_ALL = 'permit (principal is User, action == Action::"audit.read", resource);'

function folderOf(files: Record<string, string>): string {
  const folder = folderOfThisTest()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function load(extra: Record<string, string>, enable: string[] = []) {
  return loadPolicies({ builtInFolder: BUILT_IN, extraFolders: [folderOf(extra)], enable })
}

function problemsOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof PolicyError) return `${error.code}\n${error.message}`
    throw error
  }
  return 'no error'
}

describe('built-in policies', () => {
  test('every file starts with a comment, and every policy has a description', () => {
    for (const name of readdirSync(BUILT_IN)) {
      expect(readFileSync(join(BUILT_IN, name), 'utf8'), name).toMatch(/^\/\/ [A-Z].{30,}/)
    }
    const described = new Map(load({}).all.map((policy) => [policy.id, policy.description]))
    expect(described.get('solo')).toMatch(/^For a person who works alone/)
    expect(described.get('services-never-decide')).toBe('Automation never counts as a person.')
    for (const [id, description] of described) expect(description.length, id).toBeGreaterThan(30)
  })

  test('solo is off by default, and the guardrail that it replaces is in force', () => {
    const { all, inForce } = load({})
    expect(all.map((policy) => policy.id)).toContain('solo')
    expect(inForce.map((policy) => policy.id)).not.toContain('solo')
    expect(inForce.map((policy) => policy.id)).toContain('requester-cannot-approve')
  })

  test('enabling solo takes exactly one guardrail out of force', () => {
    const without = load({}).inForce.map((policy) => policy.id)
    const withSolo = load({}, ['solo']).inForce.map((policy) => policy.id)
    expect(without.filter((id) => !withSolo.includes(id))).toEqual(['requester-cannot-approve'])
    expect(withSolo.filter((id) => !without.includes(id))).toEqual(['solo'])
  })
})

describe("an operator's folder", () => {
  test('adds policies, named by @id or by file name and position', () => {
    const ids = load({ 'mine.cedar': `// Mine.\n@id("ours")\n${PERMIT_ALL}\n${PERMIT_ALL}` }).inForce.map(
      (policy) => policy.id,
    )
    expect(ids).toContain('ours')
    expect(ids).toContain('mine#2')
  })

  test('may not take a guardrail out of force', () => {
    const text = `@id("mine") @replaces("requester-cannot-approve") ${PERMIT_ALL}`
    expect(problemsOf(() => load({ 'mine.cedar': text }))).toContain('only built-in policies may have')
  })

  test.each(['solo', 'requester-cannot-approve', 'npm-registry'])(
    'may not take the id of the built-in policy %s',
    (id) => {
      expect(problemsOf(() => load({ 'mine.cedar': `@id("${id}") ${PERMIT_ALL}` }))).toContain(
        `two policies have the id \`${id}\``,
      )
    },
  )

  test('may not use an id in the form of an unnamed policy', () => {
    expect(problemsOf(() => load({ 'mine.cedar': `@id("people#9") ${PERMIT_ALL}` }))).toContain('unnamed policies')
  })

  test('reports the problems of all its files at once', () => {
    const message = problemsOf(() =>
      load({ 'a.cedar': 'permit (', 'b.cedar': 'permit (principal, action == Action::"nope", resource);' }),
    )
    expect(message).toMatch(/a\.cedar:1:9: /)
    expect(message).toMatch(/b\.cedar:1:30: unrecognized action/)
  })

  test('a missing folder stops the start', () => {
    const missing = join(folderOfThisTest(), 'gone')
    expect(problemsOf(() => loadPolicies({ builtInFolder: BUILT_IN, extraFolders: [missing], enable: [] }))).toContain(
      'unreadable',
    )
  })

  test('an entry that is not a file stops the start', () => {
    const folder = folderOf({})
    mkdirSync(join(folder, 'x.cedar'))
    expect(problemsOf(() => loadPolicies({ builtInFolder: BUILT_IN, extraFolders: [folder], enable: [] }))).toContain(
      "can't be read",
    )
  })

  test('refuses to enable an unknown policy, or one that is always on, and names the optional policies', () => {
    const cure = 'known: ask-before-acting, own-automation, solo'
    expect(problemsOf(() => load({}, ['sool']))).toContain('did you mean `solo`?')
    expect(problemsOf(() => load({}, ['people-run']))).toContain(cure)
  })
})
