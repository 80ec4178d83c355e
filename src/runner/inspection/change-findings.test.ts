import { expect, test } from 'vitest'
import type { ChangedPath, CommitFacts } from '../../git/inspect.ts'
import { protectionBy } from '../../domain/inspection/protected-paths.ts'
import { oddDates } from './commit-dates.ts'
import { changeFindings, shownFindings } from './change-findings.ts'
import type { ProtectedChange } from './protected-changes.ts'

const OWN = { name: 'Glovebox', email: 'run@glovebox.invalid' }
const BASE = Date.UTC(2026, 0, 1)
const bytes = (text: string) => new TextEncoder().encode(text)

function change(path: string, oldMode: string, newMode: string): ChangedPath {
  return { path: bytes(path), oldMode, newMode, oldId: 'a', newId: 'b', insertions: 1, deletions: 0 }
}

function commit(author: typeof OWN, committer: typeof OWN, time = BASE): CommitFacts['commits'][number] {
  const times = { authorTime: time, committerTime: time }
  const people = { authorName: author.name, authorEmail: author.email, committerName: committer.name }
  return { id: 'c'.repeat(40), parents: [], ...people, committerEmail: committer.email, ...times, subject: 'x' }
}

const find = protectionBy([])
const times = { base: BASE, now: Date.UTC(2026, 5, 1) }

function groupsOf(facts: Partial<CommitFacts>, lockfiles: string[] = []) {
  const none = { files: 0, insertions: 0, deletions: 0, diff: bytes(''), touched: [] }
  const flags = { truncated: false }
  const found = (facts.changes ?? []).flatMap(({ path }): ProtectedChange[] => {
    const kind = find(path)?.kind
    return kind === undefined ? [] : [{ path, kind, link: null }]
  })
  const secrets = { secrets: [], notExamined: [], closed: [] }
  const parts = { protections: { found, notes: [] }, find, lockfiles, times, secrets }
  return changeFindings({ ...none, ...flags, undone: [], changes: [], commits: [], ...facts }, parts)
}

function findings(facts: Partial<CommitFacts>, lockfiles: string[] = []): string[] {
  return shownFindings(groupsOf(facts, lockfiles))
}

test('reports links and submodules that are added or that get another target', () => {
  const changes = [
    change('new-link', '000000', '120000'),
    change('link', '120000', '120000'),
    change('new-module', '000000', '160000'),
    change('module', '160000', '160000'),
    change('script', '100644', '100755'),
    change('plain', '100644', '100644'),
  ]
  expect(findings({ changes })).toEqual([
    'adds a symbolic link: new-link',
    'leads a symbolic link elsewhere: link',
    'adds a submodule: new-module',
    'moves a submodule to another commit: module',
    'makes executable: script',
  ])
})

test('reports an author or committer that the sandbox did not set', () => {
  const torvalds = { name: 'Linus', email: OWN.email }
  const other = { name: 'Glovebox', email: 'glovebox@glovebox.invalid' }
  expect(findings({ commits: [commit(OWN, OWN)] })).toEqual([])
  expect(findings({ commits: [commit(torvalds, OWN), commit(OWN, other)] })).toEqual([
    `commit cccccccccccc names Linus <${OWN.email}> as its author, not this run`,
    'commit cccccccccccc names Glovebox <glovebox@glovebox.invalid> as its committer, not this run',
  ])
})

test('many findings of one kind do not hide another kind, and are counted', () => {
  const flood = Array.from({ length: 5000 }, (_, at) => change(`bin/${at}`, '000000', '100755'))
  const shown = findings({ changes: [...flood, change('.npmrc', '000000', '100644')] }, ['fetches from a new place'])
  expect(shown).toEqual([
    'protected path (package-manager): .npmrc',
    'makes executable: bin/0',
    'makes executable: bin/1',
    'makes executable: bin/2',
    'makes executable: bin/3',
    'makes executable: and 4996 more',
    'fetches from a new place',
  ])
})

test('lists protected paths first among the paths that only the history has', () => {
  const undone = ['a', 'b', 'c', 'd', 'e', '.github/workflows/x.yml'].map(bytes)
  expect(findings({ undone })[0]).toMatch(/in the history but not in the diff: \.github\/workflows\/x\.yml$/)
})

test('keeps all findings of every kind besides those in the summary', () => {
  const flood = Array.from({ length: 50 }, (_, at) => change(`${at}/CLAUDE.md`, '000000', '100644'))
  const facts = { changes: [...flood, change('.npmrc', '000000', '100644')] }
  expect(groupsOf(facts).map(({ kind, lines }) => [kind, lines.length])).toEqual([
    ['protected path (agent-steering)', 50],
    ['protected path (package-manager)', 1],
  ])
  expect(findings(facts).slice(-2)).toEqual([
    'protected path (agent-steering): and 25 more',
    'protected path (package-manager): .npmrc',
  ])
})

test('marks a path that is cut off', () => {
  const [line = ''] = findings({ changes: [change(`${'x'.repeat(5000)}/CLAUDE.md`, '000000', '100644')] })
  expect(line).toMatch(/x… \(5010 characters\)$/)
  expect(line.length).toBeLessThan(400)
})

test.each([
  ['2035-01-01', Date.UTC(2035, 0, 1), ['commit cccccccccccc is dated 2035-01-01, which is after this run']],
  [
    'the year 300,000',
    9e15,
    ['commit cccccccccccc is dated 9000000000000 seconds since 1970, which is after this run'],
  ],
  [
    '2001-01-01',
    Date.UTC(2001, 0, 1),
    ['commit cccccccccccc is dated 2001-01-01, which is before the commit that the run started from'],
  ],
  ['one second after the base', BASE + 1000, []],
  ['the time of the run', times.now, []],
])('a commit of %s', (_, time, expected) => {
  expect(findings({ commits: [commit(OWN, OWN, time)] })).toEqual(expected)
})

test('accepts commits dated one second after a base in the future', () => {
  const base = Date.UTC(2040, 0, 1)
  expect(oddDates([commit(OWN, OWN, base + 1000)], { base, now: times.now })).toEqual([])
})
