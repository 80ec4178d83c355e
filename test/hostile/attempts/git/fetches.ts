// Attempts to read more of the repository than the run's own branch: hidden branches, other runs, objects by id, oracles.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { git } from '../../../main-job/glovebox.ts'
import type { Attempt, AttemptGround } from '../../attempt.ts'
import { CANARY } from '../../canary.ts'
import { gitScript, told } from '../../inside-python.ts'
import { inTree } from './ground.ts'
import { expectBadRequests, expectNoChange } from './pushes.ts'

const wall = 'a fetch only gets objects that the refs of the run reach'

/** Another branch than the run's; a file on main tells the attacker its ids. */
async function hideBranch(ground: AttemptGround): Promise<void> {
  await inTree(ground, 'embargoed', (tree) => writeFile(join(tree, 'secret.txt'), `${CANARY}\n`))
  const ids = await git(ground.repository, 'rev-parse', 'embargoed', 'embargoed^{tree}', 'embargoed:secret.txt')
  await git(ground.repository, 'tag', 'hidden-tag', 'embargoed')
  await inTree(ground, 'main', (tree) => writeFile(join(tree, 'ids'), ids))
}

export const FETCHES: readonly Attempt[] = [
  {
    id: 'fetch-hidden-branch',
    group: 'git',
    tries: 'list and fetch another branch, another tag and their objects, by name and by id',
    wall,
    invariant: 1,
    before: hideBranch,
    script: gitScript(String.raw`
COMMIT, TREE, FILE = open('ids').read().split()
for label, id in [('commit', COMMIT), ('tree', TREE), ('file', FILE), ('commit and base', COMMIT)]:
    attempt('v2 ' + label, lambda: fetch_v2(f'want {id}', *([f'want {BASE}'] if ' ' in label else []), 'done'))
    attempt('v0 ' + label, lambda: post('git-upload-pack', pkt(f'want {id} ofs-delta\n') + b'0000' + pkt('done\n')))
for ref in ['embargoed', 'refs/tags/hidden-tag', 'refs/heads/*', COMMIT, '+refs/*:refs/all/*']:
    print(git('fetch', 'origin', ref, check=False))
print(git('-c', 'protocol.version=0', 'ls-remote', 'origin'), git('-c', 'protocol.version=1', 'ls-remote', 'origin'), git('ls-remote', 'origin'))
print(git('fetch', '--unshallow', 'origin', check=False), git('cat-file', '-t', FILE, check=False))`),
    verify(outcome) {
      for (const { label, text } of told(outcome))
        expect([label, text]).toEqual([label, expect.stringContaining('not our ref')])
      expect(outcome.stdout).not.toMatch(/(\t|-> )\S*(embargoed|hidden-tag)/)
      expect(outcome.stdout).toMatch(/could not get object info|Not a valid object name/)
      expect(outcome.of('git.fetched').filter(({ body }) => !body.decision.allowed).length).toBeGreaterThanOrEqual(8)
    },
  },
  {
    id: 'fetch-ref-prefixes',
    group: 'git',
    tries: 'ask ls-refs for hidden, symbolic, peeled and pseudo refs by prefix',
    wall,
    invariant: 1,
    before: hideBranch,
    script: gitScript(String.raw`
for prefix in ['', 'refs/', 'refs/heads/embargoed', 'refs/tags/', 'refs/pull/', 'refs/notes/', 'refs/replace/', 'refs/remotes/', 'FETCH_HEAD', 'HEAD', '../', 'refs/heads/../tags']:
    attempt('prefix ' + prefix, lambda: ls_refs_v2('peel', 'symrefs', 'unborn', 'ref-prefix ' + prefix))
attempt('none', lambda: ls_refs_v2())`),
    verify(outcome) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, statuses]).toEqual([label, [200]])
        expect([label, text]).not.toEqual([label, expect.stringMatching(/embargoed|refs\/tags|hidden/)])
      }
    },
  },
  {
    id: 'fetch-other-features',
    group: 'git',
    tries: 'use filters, want-ref, packfile URIs, bundle URIs, object-info, server options, sideband tricks',
    wall: 'only known protocol lines are passed to git',
    invariant: 4,
    script: gitScript(String.raw`
W = f'want {BASE}'
for args in [[W, 'filter blob:none', 'done'], [W, 'filter sparse:oid=' + BASE, 'done'], [W, 'want-ref refs/heads/main', 'done'], [W, 'packfile-uris https', 'done'], [W, 'sideband-all', 'done'], [W, 'no-such-argument', 'done'], [W, 'include-tag x', 'done'], [W, 'deepen -1', 'done'], [W, 'deepen 99999999999', 'done'], [W, 'deepen-not --all', 'done'], [W, 'deepen-not refs/heads/../x', 'done'], [W, 'deepen-since x', 'done'], ['want HEAD', 'done'], ['want ' + BASE[:12], 'done'], [W + ' ' + W, 'done'], [W + '^{tree}', 'done'], ['want ' + BASE.upper(), 'done'], [W, 'shallow ' + BASE[:8], 'done']]:
    attempt(' '.join(args)[41:], lambda: fetch_v2(*args))
attempt('server option', lambda: fetch_v2(W, 'done', caps=['server-option=x']))
for command in ['object-info', 'bundle-uri', 'push', 'ls-refs\0', 'fetch x', '']:
    attempt('command ' + command, lambda: post('git-upload-pack', pkt(f'command={command}\n') + b'0001' + pkt(W) + b'0000', headers=V2))
for caps in ['filter', 'allow-tip-sha1-in-want', 'allow-reachable-sha1-in-want', 'no-such']:
    attempt('v0 ' + caps, lambda: post('git-upload-pack', pkt(f'{W} {caps}\n') + b'0000' + pkt('done\n')))
attempt('v0 filter', lambda: post('git-upload-pack', pkt(f'{W} ofs-delta\n') + pkt('filter blob:none\n') + b'0000' + pkt('done\n')))`),
    verify: (outcome) => expectBadRequests(outcome, [400]),
  },
  {
    id: 'fetch-shallow-tricks',
    group: 'git',
    tries: 'claim to have hidden commits, or to be shallow at them, so that the answer reveals them or their parents',
    wall: 'have and shallow lines are passed on only for commits that the run may see',
    invariant: 1,
    before: hideBranch,
    script: gitScript(String.raw`
COMMIT, TREE, FILE = open('ids').read().split()
ABSENT = 'f' * 40
def answer(*lines):
    return fetch_v2(f'want {BASE}', *lines)
for label, lines in {'have': ['have {}'], 'have and done': ['have {}', 'done'], 'shallow': ['shallow {}', 'deepen 2', 'done'], 'deepen relative': ['shallow {}', 'deepen 1', 'deepen-relative', 'done'], 'since': ['shallow {}', 'deepen-since 1', 'done'], 'not': ['have {}', 'deepen-not embargoed', 'done']}.items():
    for kind, id in [('hidden', COMMIT), ('file', FILE), ('absent', ABSENT)]:
        tell(f'{label} {kind}', meaning(answer(*(line.format(id) for line in lines))).hex())`),
    verify(outcome) {
      const byLabel = new Map(told(outcome).map(({ label, text }) => [label, text]))
      const forms = new Set(told(outcome).map(({ label }) => label.replace(/ \w+$/, '')))
      expect(forms.size).toBe(6)
      for (const form of forms)
        for (const kind of ['hidden', 'file'])
          expect([form, kind, byLabel.get(`${form} ${kind}`)]).toEqual([form, kind, byLabel.get(`${form} absent`)])
    },
  },
  {
    id: 'fetch-existence-oracle',
    group: 'git',
    tries: 'learn whether the host has an object by pushing a commit, a tree or a merge that names it',
    wall: 'hidden and missing objects get the same answer',
    invariant: 1,
    mode: 'write',
    before: hideBranch,
    script: gitScript(String.raw`
COMMIT, TREE, FILE = open('ids').read().split()
def with_file(id):
    tree = ('tree', tree_body(('100644', b'guess', id)))
    return push_objects(tree, ('commit', commit_body(object_id(*tree), [BASE])))
def with_tree(id):
    return push_objects(('commit', commit_body(id, [BASE])))
def with_parent(id):
    return push_objects(('commit', commit_body(BASE_TREE, [BASE, id])))
for label, work, id in [('file', with_file, FILE), ('tree', with_tree, TREE), ('parent', with_parent, COMMIT), ('wrong type', with_file, COMMIT), ('tip', lambda id: push([(ZERO, id, OWN)]), COMMIT)]:
    for kind, value in [('hidden', id), ('absent', 'f' * 40)]:
        tell(f'{label} {kind}', work(value).split(b'\r\n\r\n', 1)[-1])
print(git('ls-remote', 'origin'))`),
    verify(outcome) {
      const answers = told(outcome)
      for (let at = 0; at < answers.length; at += 2) {
        expect([answers[at]?.label, answers[at]?.text]).toEqual([answers[at]?.label, answers[at + 1]?.text])
        expect(answers[at]?.text).toMatch(/ng refs\/heads\/glovebox-change/)
      }
      expect(outcome.stdout).not.toMatch(/\trefs\/heads\/glovebox/)
      expectNoChange(outcome)
    },
  },
  {
    id: 'fetch-floods',
    group: 'git',
    tries: 'open many fetches at once and never read them; ask for hundreds of thousands of objects',
    wall: 'bounds on lines, wants and concurrent fetches',
    invariant: 0,
    script: gitScript(String.raw`
WANT = pkt('command=fetch\n') + b'0001' + pkt(f'want {BASE}\n') + pkt('done\n') + b'0000'
HEAD = f'POST {origin_path()}/git-upload-pack HTTP/1.1\r\nHost: {GIT}\r\nContent-Type: application/x-git-upload-pack-request\r\n{V2}Content-Length: {len(WANT)}\r\n\r\n'.encode()
left = [tunnel() for _ in range(60)]
for sock in left:
    send(sock, HEAD + WANT)
many = b''.join(pkt(f'want {at:040x}\n') for at in range(1000))
attempt('1000 wants', lambda: post('git-upload-pack', pkt('command=fetch\n') + b'0001' + many + b'0000', headers=V2))
haves = b''.join(pkt(f'have {at:040x}\n') for at in range(250000))
attempt('250000 haves', lambda: post('git-upload-pack', pkt('command=fetch\n') + b'0001' + pkt(f'want {BASE}\n') + haves + b'0000', headers=V2))
for sock in left:
    tell('unread', one_answer(sock))
    sock.close()
print(git('ls-remote', 'origin'))`),
    verify(outcome) {
      const [wants, haves, ...unread] = told(outcome)
      expect([wants?.statuses, haves?.statuses]).toEqual([[413], [413]])
      expect(unread).toHaveLength(60)
      for (const { statuses } of unread) expect(statuses).toEqual([200])
      expect(outcome.stdout).toContain('refs/heads/main')
      expect(outcome.run.status).toBe('succeeded')
    },
  },
]
