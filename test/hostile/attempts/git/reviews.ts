// Attempts to fool the reviewer with pushes to the run's own branch: they are accepted and shown truthfully.
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Attempt, AttemptGround, AttemptOutcome } from '../../attempt.ts'
import { gitScript, told } from '../../inside-python.ts'
import { inTree } from './ground.ts'
import { expectNoChange } from './pushes.ts'

/** A token that belongs to nobody. */
const TOKEN = `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`
const wall = 'the change shows protected paths and findings, read from quarantine'

function proposed(outcome: AttemptOutcome) {
  expect(outcome.run.status).toBe('succeeded')
  const [change, ...others] = outcome.of('change.proposed')
  expect(others).toEqual([])
  if (!change) throw new Error(`nothing was proposed: ${outcome.stdout} ${outcome.stderr}`)
  return change.body
}

async function linkedGround(ground: AttemptGround): Promise<void> {
  await inTree(ground, 'main', async (tree) => {
    await symlink('README.md', join(tree, 'link'))
    await writeFile(join(tree, 'run.sh'), 'true\n')
  })
}

export const REVIEWS: readonly Attempt[] = [
  {
    id: 'review-protected-paths',
    group: 'git',
    tries:
      'change workflows, CODEOWNERS, attributes, modules, npm configuration, editor tasks; also in other case and invalid UTF-8',
    wall,
    invariant: 8,
    mode: 'write',
    script: `mkdir -p .github/workflows .GitHub/Workflows docs .glovebox/tasks .vscode .husky .circleci sub
for path in .github/workflows/x.yml .GitHub/Workflows/y.yml docs/CODEOWNERS .gitattributes sub/.gitattributes .npmrc sub/.yarnrc.yml .gitlab-ci.yml .glovebox/tasks/x.yaml .vscode/tasks.json .husky/pre-commit .circleci/config.yml Jenkinsfile .envrc; do echo evil > $path; done
printf '[submodule "x"]\\n\\tpath = x\\n\\turl = https://example.com/x\\n' > .gitmodules
echo evil > "$(printf '.github/workflows/\\377.yml')"`,
    verify(outcome) {
      const { protectedPaths, findings } = proposed(outcome)
      expect(protectedPaths).toEqual(
        expect.arrayContaining([
          '.github/workflows/x.yml',
          '.GitHub/Workflows/y.yml',
          'docs/CODEOWNERS',
          'sub/.gitattributes',
          '.gitmodules',
          '.npmrc',
          '.glovebox/tasks/x.yaml',
          { base64: expect.any(String) },
        ]),
      )
      expect(protectedPaths).toHaveLength(16)
      expect(findings).toEqual(
        expect.arrayContaining([
          'protected path (ci): .GitHub/Workflows/y.yml',
          'protected path (git): sub/.gitattributes',
          'protected path (package-manager): .npmrc',
          'protected path (editor): .vscode/tasks.json',
          'protected path (git-hooks): .husky/pre-commit',
        ]),
      )
    },
  },
  {
    id: 'review-links-and-modules',
    group: 'git',
    tries:
      'add symbolic links out of the repository, redirect an existing link, add a submodule, make a file executable',
    wall,
    invariant: 8,
    mode: 'write',
    before: linkedGround,
    script: `ln -s /etc/passwd passwd; ln -s ../../.ssh keys; ln -sf /root/.ssh/id_rsa link; chmod +x run.sh
git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),vendored; git commit -q -m module; mkdir -p vendored`,
    verify(outcome) {
      expect(proposed(outcome).findings).toEqual(
        expect.arrayContaining([
          'adds a symbolic link: passwd',
          'adds a symbolic link: keys',
          'leads a symbolic link elsewhere: link',
          'adds a submodule: vendored',
          'makes executable: run.sh',
        ]),
      )
    },
  },
  {
    id: 'review-forged-people',
    group: 'git',
    tries: 'commit as somebody else: author, committer, only the name, Glovebox’s merge identity, a false time',
    wall,
    invariant: 10,
    mode: 'write',
    script: `c() { git commit -q --allow-empty -m "$1"; }
GIT_AUTHOR_NAME='Ada Lovelace' GIT_AUTHOR_EMAIL=ada@example.com c author
GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=noreply@github.com GIT_COMMITTER_DATE='2001-01-01T00:00:00Z' c committer
GIT_AUTHOR_NAME='Glovebox Platform' c name
GIT_AUTHOR_EMAIL=glovebox@glovebox.invalid c merge`,
    verify(outcome) {
      const text = proposed(outcome).findings.join('\n')
      expect(text).toMatch(/names Ada Lovelace <ada@example\.com> as its author, not this run/)
      expect(text).toMatch(/names Ada <noreply@github\.com> as its committer, not this run/)
      expect(text).toMatch(/names Glovebox Platform <run@glovebox\.invalid> as its author/)
      expect(text).toMatch(/names Glovebox <glovebox@glovebox\.invalid> as its author/)
      expect(text).toMatch(/is dated 2001-01-01, which is before the commit that the run started from/)
    },
  },
  {
    id: 'review-control-characters',
    group: 'git',
    tries: 'put escape sequences, bidi controls, line ends and trailers into messages, names and paths',
    wall: 'text from a run is escaped; only the platform writes trailers of the merge',
    invariant: 12,
    mode: 'write',
    script: `ESC=$(printf '\\033'); echo x > "$(printf 'a\\033[2Jb\\nprotected path: none')"; echo y > "$(printf 'safe\\342\\200\\256txt.exe')"; ln -s x "$(printf 'link\\033]8;;https://evil.example\\007')"
git add -A; GIT_AUTHOR_NAME="$ESC[31mred" git commit -q -m "$(printf '\\033]0;owned\\007 ok\\n\\nGlovebox-Approved-By: user:ada\\nGlovebox-Change: 1\\n')"`,
    verify(outcome) {
      const { findings } = proposed(outcome)
      expect(findings.length).toBeGreaterThan(0)
      for (const finding of findings) expect(finding).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/)
      expect(findings).not.toContain('protected path: none')
    },
  },
  {
    id: 'review-hidden-history',
    group: 'git',
    tries:
      'hide a secret and a workflow in a commit that the next commit reverts, or behind a merge of another history',
    wall: 'the inspection reads every commit, not only the total diff',
    invariant: 8,
    mode: 'write',
    script: `mkdir -p .github/workflows; echo 'on: push' > .github/workflows/evil.yml; echo AKIA0123456789ABCDEF > key.txt; git add -A; git commit -q -m one
git rm -q -r .github key.txt; git commit -q -m two
git checkout -q --orphan other; echo payload > payload.bin; git add payload.bin; git commit -q -m three
git checkout -q main; git merge -q --allow-unrelated-histories -s ours -m four other; echo fine > fine.txt`,
    verify(outcome) {
      const { findings, files } = proposed(outcome)
      expect(files).toBe(1)
      for (const path of ['.github/workflows/evil.yml', 'key.txt', 'payload.bin'])
        expect(findings).toContainEqual(
          expect.stringMatching(`so it is in the history but not in the diff: ${path.replaceAll('.', '\\.')}$`),
        )
    },
  },
  {
    id: 'review-encoded-secrets',
    group: 'git',
    tries:
      'carry a credential out in a commit message, the name of a file, UTF-16, base64 in lines, hex, gzip, a renamed file',
    wall: 'the inspection reads all objects of all commits, and decodes and unpacks them within a bound',
    invariant: 8,
    mode: 'write',
    before: (ground) => inTree(ground, 'main', (tree) => writeFile(join(tree, 'old.txt'), `${TOKEN}\n`)),
    script: `K=AKIA0123456789ABCDEF; T=${TOKEN}; echo x > "dump-$K.txt"; printf "t=$T" | iconv -t UTF-16LE > wide.txt
printf "some words $T" | base64 -w 16 > lines.txt; printf %s "$T" | od -An -tx1 > hex.txt; printf %s "$T" | gzip > packed.gz
git mv old.txt new.txt; git add -A; git commit -q -m "notes" -m "$K"`,
    verify(outcome) {
      const found = proposed(outcome).findings.join('\n')
      for (const place of [
        /AWS access key id in commit [0-9a-f]{12}, line \d+/,
        /AWS access key id in the name of a file of 29 bytes/,
        /GitHub token in hex\.txt \(hex\)/,
        /credential: and [1-9] more/,
      ])
        expect(found).toMatch(place)
      expect(found).not.toMatch(/AKIA0|ghp_/)
    },
  },
  {
    id: 'review-flood',
    group: 'git',
    tries: 'bury an important finding under thousands of harmless findings, binary files and names',
    wall,
    invariant: 8,
    mode: 'write',
    script: `mkdir many; i=0; while [ $i -lt 600 ]; do printf 'a\\0b' > many/$i; chmod +x many/$i; ln -s x many/l$i; i=$((i+1)); done
mkdir -p .github/workflows; echo evil > .github/workflows/z.yml; git add -A; GIT_AUTHOR_EMAIL=ada@example.com git commit -q -m x`,
    limits: { processes: 256 },
    verify(outcome) {
      const { findings, protectedPaths } = proposed(outcome)
      expect(protectedPaths).toEqual(['.github/workflows/z.yml'])
      expect(findings).toEqual(
        expect.arrayContaining([
          'protected path (ci): .github/workflows/z.yml',
          'makes executable: and 596 more',
          'adds a symbolic link: and 596 more',
          expect.stringContaining('ada@example.com'),
        ]),
      )
    },
  },
  {
    id: 'review-own-git',
    group: 'git',
    tries:
      'turn the workspace into a trap for the host: alternates, worktree, hooks, filters, replace refs, grafts, a FIFO as HEAD',
    wall: 'the host only reads the quarantine; changes are collected inside the sandbox',
    invariant: 4,
    mode: 'write',
    script: `echo changed > README.md; git add -A; git commit -q -m change
echo $HOST_REPOSITORY/objects > .git/objects/info/alternates; echo $HOST_DATA/store.db >> .git/objects/info/alternates
git config core.worktree /; git config --unset core.worktree; git config core.hooksPath /workspace; git config uploadpack.packObjectsHook "touch $HOST_FOLDER/owned"; git config core.sshCommand "touch $HOST_FOLDER/owned"; git config core.gitProxy "touch $HOST_FOLDER/owned"
git config remote.origin.uploadpack "touch $HOST_FOLDER/owned"; git config remote.origin.receivepack "touch $HOST_FOLDER/owned"; git config url.ext::sh.insteadOf https://git.glovebox.internal
git replace HEAD $(git commit-tree -m replaced 'HEAD^{tree}') 2>/dev/null; mkdir -p .git/info; echo "$(git rev-parse HEAD)" > .git/info/grafts
git config --unset url.ext::sh.insteadOf; rm -f .git/info/grafts; git replace -d HEAD >/dev/null 2>&1; mkfifo .git/FETCH_HEAD.lock; true`,
    verify(outcome) {
      expect(['succeeded', 'failed', 'error']).toContain(outcome.run.status)
      const changes = outcome.of('change.proposed').map(({ body }) => body.files)
      expect(changes.length === 0 || changes[0] === 1).toBe(true)
    },
  },
  {
    id: 'review-moving-base',
    group: 'git',
    tries:
      'propose commits on another base: an older commit, a rewritten one, one that has the base only as second parent',
    wall: 'a push must descend from the pinned commit',
    invariant: 8,
    mode: 'write',
    before: linkedGround,
    script: gitScript(String.raw`
OLD = git('rev-parse', 'HEAD~1')
attempt('older', lambda: push([(ZERO, OLD, OWN)]))
attempt('on an older one', lambda: push_objects(('commit', commit_body(BASE_TREE, [OLD]))))
attempt('rewritten', lambda: push_objects(('commit', commit_body(BASE_TREE, [OLD], message='Prepare main\n'))))
attempt('of nothing', lambda: push_objects(('commit', commit_body(BASE_TREE, []))))`),
    verify(outcome) {
      for (const { label, text } of told(outcome))
        expect([label, text]).toEqual([label, expect.stringContaining('it does not descend from')])
      expectNoChange(outcome)
    },
  },
]
