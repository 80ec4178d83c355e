import { expect, test } from 'vitest'
import type { ChangedPath, CommitFacts } from '../../git/inspect.ts'
import { changeFindings } from './change-findings.ts'

const OWN = { name: 'Glovebox', email: 'run@glovebox.invalid' }
const bytes = (text: string) => new TextEncoder().encode(text)

function change(path: string, oldMode: string, newMode: string): ChangedPath {
  return { path: bytes(path), oldMode, newMode, oldId: 'a', newId: 'b', insertions: 1, deletions: 0 }
}

function commit(author: typeof OWN, committer: typeof OWN): CommitFacts['commits'][number] {
  const times = { authorTime: 0, committerTime: 0 }
  const people = { authorName: author.name, authorEmail: author.email, committerName: committer.name }
  return { id: 'c'.repeat(40), parents: [], ...people, committerEmail: committer.email, ...times, subject: 'x' }
}

function findings(facts: Partial<CommitFacts>, lockfiles: string[] = []): string[] {
  const none = { files: 0, insertions: 0, deletions: 0, diff: bytes(''), scanned: bytes('') }
  const flags = { truncated: false, scanTruncated: false }
  return changeFindings({ ...none, ...flags, undone: [], changes: [], commits: [], ...facts }, { lockfiles })
}

test('links and submodules are pointed out when they are added and when they lead elsewhere', () => {
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

test('names an author or committer that the sandbox did not set', () => {
  const torvalds = { name: 'Linus', email: OWN.email }
  const other = { name: 'Glovebox', email: 'glovebox@glovebox.invalid' }
  expect(findings({ commits: [commit(OWN, OWN)] })).toEqual([])
  expect(findings({ commits: [commit(torvalds, OWN), commit(OWN, other)] })).toEqual([
    `commit cccccccccccc names Linus <${OWN.email}> as its author, not this run`,
    'commit cccccccccccc names Glovebox <glovebox@glovebox.invalid> as its committer, not this run',
  ])
})

test('a flood of one kind buries no other, and says how much it was', () => {
  const flood = Array.from({ length: 5000 }, (_, at) => change(`bin/${at}`, '000000', '100755'))
  const shown = findings({ changes: [...flood, change('.npmrc', '000000', '100644')] }, ['fetches from a new place'])
  expect(shown).toEqual([
    'protected path: .npmrc',
    'makes executable: bin/0',
    'makes executable: bin/1',
    'makes executable: bin/2',
    'makes executable: bin/3',
    'makes executable: and 4996 more',
    'fetches from a new place',
  ])
})

test('of what is only in the history, protected paths come first', () => {
  const undone = ['a', 'b', 'c', 'd', 'e', '.github/workflows/x.yml'].map(bytes)
  expect(findings({ undone })[0]).toMatch(/in the history and not in the diff: \.github\/workflows\/x\.yml$/)
})
