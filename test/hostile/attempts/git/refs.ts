// Attempts to change refs other than the run's own: by name, spelling, deletion, and many at once. They use git itself.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { gitScript, told } from '../../inside-python.ts'
import { expectNothingPushed, OWN_ONLY, pushed } from './pushes.ts'

const COMMIT = `echo evil > evil.txt; git add evil.txt; git commit -q -m evil; OWN=refs/heads/glovebox-change
`

/** Pushes each, then resets the commits, so that collecting finds nothing. */
function pushing(id: string, tries: string, pushes: readonly string[], atLeast = pushes.length): Attempt {
  return {
    id,
    group: 'git',
    tries,
    wall: OWN_ONLY,
    invariant: 8,
    mode: 'write',
    script: `${COMMIT}${pushes.map((push) => `git push ${push} 2>&1`).join('\n')}\ngit reset -q --hard origin/main`,
    verify: (outcome) => expectNothingPushed(outcome, atLeast, /may push only|cannot delete|another ref was refused/),
  }
}

export const REFS: readonly Attempt[] = [
  pushing('push-main', 'push to the default branch: plainly, forced, with a lease, as HEAD of the remote', [
    'origin HEAD:main',
    '--force origin HEAD:main',
    '--force-with-lease origin HEAD:refs/heads/main',
    'origin +HEAD:refs/heads/main',
  ]),
  pushing(
    'push-delete',
    'delete the default branch and other branches',
    ['origin :main', 'origin --delete main', '--mirror origin'],
    2,
  ),
  pushing('push-tags-notes-and-pulls', 'push tags, notes, pull requests, stashes, replacements, gerrit changes', [
    'origin HEAD:refs/tags/v1',
    'origin HEAD:refs/notes/commits',
    'origin HEAD:refs/pull/1/head',
    'origin HEAD:refs/merge-requests/1/head',
    'origin HEAD:refs/for/main',
    'origin HEAD:refs/stash',
    'origin HEAD:refs/replace/$(git rev-parse origin/main)',
    'origin HEAD:refs/meta/config',
    'origin HEAD:refs/remotes/origin/main',
    'origin HEAD:refs/bisect/bad',
  ]),
  pushing('push-own-prefix', 'spell its own branch differently: case, parents, children, other prefixes, Unicode', [
    'origin HEAD:refs/heads/glovebox-change/more',
    'origin HEAD:refs/heads/glovebox',
    'origin HEAD:refs/heads/glovebox/$GLOVEBOX_TASK/change',
    'origin HEAD:refs/heads/GLOVEBOX-CHANGE',
    'origin HEAD:refs/heads/Glovebox-change',
    'origin HEAD:refs/heads/glovebox-change-2',
    'origin HEAD:refs/heads/heads/glovebox-change',
    'origin HEAD:refs/glovebox-change',
    'origin "HEAD:refs/heads/gl\u00f6vebox-change"',
    'origin "HEAD:refs/heads/glovebox\u2010change"',
    'origin "HEAD:refs/heads/glovebox-change\u200b"',
    'origin HEAD:refs/tags/glovebox-change',
  ]),
  pushing(
    'push-many-refs',
    'push its own branch together with another one, or with a tag that follows',
    [
      'origin HEAD:$OWN HEAD:main',
      'origin HEAD:main HEAD:$OWN',
      '--atomic origin HEAD:$OWN HEAD:refs/tags/v1',
      'origin HEAD:$OWN :main',
      'origin HEAD:$OWN HEAD:$OWN-2 HEAD:$OWN-3',
    ],
    10,
  ),
  {
    id: 'push-rewrite-own',
    group: 'git',
    tries: 'undo a push: amend and force, delete its own branch, give a false old value',
    wall: 'the run’s own branch only moves forward',
    invariant: 9,
    mode: 'write',
    script: `${COMMIT}git push -q origin HEAD:$OWN; FIRST=$(git rev-parse HEAD)
git commit -q --amend -m other; git push --force origin HEAD:$OWN 2>&1; git push --force-with-lease=$OWN:$FIRST origin HEAD:$OWN 2>&1
git push origin :$OWN 2>&1; git push --force origin origin/main:$OWN 2>&1
git reset -q --hard $FIRST; echo first $FIRST`,
    verify(outcome) {
      const [first, ...others] = pushed(outcome)
      expect(first).toMatchObject({ accepted: true, result: 'ok' })
      expect(outcome.stdout).toContain(`first ${first?.new}`)
      expect(others.filter(({ accepted }) => accepted)).toEqual([])
      expect(others.length).toBeGreaterThanOrEqual(4)
      expect(outcome.of('change.proposed')).toMatchObject([{ body: { commit: first?.new } }])
    },
  },
  {
    id: 'push-forms-of-head',
    group: 'git',
    tries: 'use HEAD, pseudo refs, lock files, paths and options as ref names, by hand',
    wall: OWN_ONLY,
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
for ref in ['HEAD', 'FETCH_HEAD', 'refs/heads/HEAD', 'refs/HEAD', 'config', 'hooks/post-update', 'objects/info/alternates', OWN + '.lock', OWN + '/', OWN + '/..', OWN + '@{0}', OWN + '^', OWN + ':x', OWN + ' ', OWN + '\\', '/' + OWN, './' + OWN, 'refs/heads/../../config', 'refs/heads/--upload-pack=x', 'refs/heads/main.lock', 'refs//heads/main', 'refs/heads/.hidden', 'refs/heads/a..b', 'refs/heads/a\x7f', 'refs/heads/' + 'a' * 300, 'shallow', 'packed-refs', '']:
    attempt(ref, lambda: push([(ZERO, BASE, ref)]))`),
    verify(outcome) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, [[200], [400]]]).toEqual([label, expect.arrayContaining([statuses])])
        expect([label, text]).toEqual([label, expect.stringMatching(/ng |Glovebox: /)])
      }
      expectNothingPushed(outcome, 3)
      const refused = outcome.of('net.requested').filter(({ body }) => body.status === 400)
      expect(refused.length + outcome.of('git.pushed').length).toBe(told(outcome).length)
    },
  },
  {
    id: 'push-very-many-refs',
    group: 'git',
    tries: 'name hundreds of refs in one push, one ref twice, more refs than the record can hold',
    wall: 'bound on the number of refs in a push',
    invariant: 3,
    mode: 'write',
    script: gitScript(String.raw`
attempt('1000', lambda: push([(ZERO, BASE, f'refs/heads/b{at}') for at in range(1000)]))
attempt('100000', lambda: push([(ZERO, BASE, f'refs/heads/b{at}') for at in range(100000)]))
attempt('twice', lambda: push([(ZERO, BASE, OWN), (ZERO, BASE, OWN)]))
attempt('long names', lambda: push([(ZERO, BASE, f'refs/heads/{at:02}' + '"' * 200) for at in range(64)]))`),
    verify(outcome) {
      expect(told(outcome).map(({ statuses }) => statuses)).toEqual([[413], [413], [400], [200]])
      expectNothingPushed(outcome, 64)
      for (const event of outcome.of('git.pushed')) expect(JSON.stringify(event).length).toBeLessThan(65_536)
    },
  },
  {
    id: 'push-read-only',
    group: 'git',
    tries: 'push from a run that may only read, with git and by hand, to its own branch and others',
    wall: 'rules of the gateway and policy `read-only-runs-never-push`',
    invariant: 6,
    script: `${COMMIT}git push origin HEAD:$OWN 2>&1; git push origin HEAD:main 2>&1; git push origin :main 2>&1
${gitScript(`attempt('by hand', lambda: push([(ZERO, BASE, OWN)]))`)}`,
    verify(outcome) {
      expectNothingPushed(outcome, 4, /read-only/)
      const decided = outcome.of('policy.decided').filter(({ body }) => body.action === 'git.push')
      expect(decided.length).toBeGreaterThanOrEqual(4)
      for (const { body } of decided)
        expect(body).toMatchObject({ allowed: false, reasons: expect.arrayContaining(['read-only-runs-never-push']) })
    },
  },
]
