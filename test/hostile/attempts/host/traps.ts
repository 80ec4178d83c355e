// Traps in the workspace for the host, which measures it, takes artifacts, inspects commits and removes it.
import { expect } from 'vitest'
import type { Attempt, AttemptOutcome } from '../../attempt.ts'
import { expectRefused } from '../../expectations.ts'

/** Asserts that the file stays inside and that the run gives the reason. */
function artifactTrap(id: string, tries: string, script: string, reason: RegExp): Attempt {
  return {
    id: `artifact-${id}`,
    group: 'host',
    tries: `leave ${tries} where an artifact is taken out`,
    wall: 'the guest reads artifacts inside the sandbox and follows no link',
    invariant: 4,
    script,
    artifacts: { trap: '/tmp/artifacts/trap' },
    verify({ run, of }) {
      expect(run.reason).toMatch(reason)
      expect(run.status).toBe('error')
      expect(of('artifact.stored')).toEqual([])
    },
  }
}

const NOT_REGULAR = /trap can't be read: .*regular/

function expectSucceeded({ run, stderr }: AttemptOutcome): void {
  expect(run, stderr).toMatchObject({ status: 'succeeded' })
}

export const TRAP_ATTEMPTS: readonly Attempt[] = [
  artifactTrap(
    'symlink',
    'a symlink to a file of the host',
    'ln -s "$HOST_FOLDER/secret" /tmp/artifacts/trap',
    NOT_REGULAR,
  ),
  artifactTrap('fifo', 'a FIFO that nobody writes', 'mkfifo /tmp/artifacts/trap', NOT_REGULAR),
  artifactTrap('device', 'an endless device', 'ln -s /dev/zero /tmp/artifacts/trap', NOT_REGULAR),
  artifactTrap('folder', 'a folder', 'mkdir /tmp/artifacts/trap', NOT_REGULAR),
  {
    ...artifactTrap(
      'sparse',
      'a sparse file of 100 MiB',
      'truncate -s 100M /tmp/artifacts/trap',
      /trap can't be read: .*large/,
    ),
    limits: { workspace: '128 MiB' },
  },
  {
    ...artifactTrap(
      'through-a-folder',
      "the guest's own `/proc/1`, behind a symlinked folder,",
      'rmdir /tmp/artifacts; ln -s /proc/1 /tmp/artifacts',
      /environ can't be read/,
    ),
    artifacts: { trap: '/tmp/artifacts/environ' },
  },
  {
    id: 'symlinks-in-a-change',
    group: 'host',
    tries: 'commit symlinks to files of the host, for an inspection that would follow them',
    wall: 'the inspection reads git objects, never a checked-out tree',
    invariant: 4,
    mode: 'write',
    script:
      'ln -s "$HOST_FOLDER/secret" leak; ln -s /etc/shadow shadow; ln -s ../../../../.. up; ln -s "$HOST_DATA" data; rm README.md; ln -s /proc/self/environ README.md',
    async verify(outcome, { type, folder }) {
      expectSucceeded(outcome)
      const { stdout, code } = await type('change', 'diff', outcome.change?.id ?? '')
      expect(code).toBe(0)
      expect(stdout).toContain('new file mode 120000')
      expect(stdout).toContain(`+${folder}/secret`)
      expect(stdout).not.toMatch(/canary-|root:/)
    },
  },
  {
    id: 'colliding-names',
    group: 'host',
    tries: 'commit names that collide by case or Unicode form, or read backwards',
    wall: 'names are bytes and are shown escaped',
    invariant: 12,
    mode: 'write',
    script: `printf one > Makefile; printf two > makefile; printf three > MAKEFILE
      printf nfc > "$(printf 'caf\\303\\251')"; printf nfd > "$(printf 'cafe\\314\\201')"
      printf bidi > "$(printf 'invoice\\342\\200\\256fdp.exe')"; printf zero > "$(printf 'read\\342\\200\\213me')"; printf dot > 'README.md.'`,
    async verify(outcome, { type }) {
      expectSucceeded(outcome)
      const { stdout } = await type('change', 'diff', outcome.change?.id ?? '')
      for (const content of ['one', 'two', 'three', 'nfc', 'nfd', 'bidi', 'zero', 'dot'])
        expect(stdout).toContain(`+${content}\n`)
      expect(stdout).not.toMatch(/[\u200b\u202e]/)
      expect(stdout).toContain('invoice\\342\\200\\256fdp.exe')
    },
  },
  {
    id: 'hostile-names',
    group: 'host',
    tries: 'make files whose names have 255 bytes, line feeds, escapes, invalid UTF-8, leading dashes and shell code',
    wall: 'names are bytes and never reach a shell',
    invariant: 4,
    script: '/opt/hostile/traps names; touch /tmp/artifacts/x',
    verify(outcome) {
      expectSucceeded(outcome)
      expect(outcome.stdout).toBe('named\n')
    },
  },
  {
    id: 'unremovable',
    group: 'host',
    tries: 'leave closed folders, immutable files, setuid files, FIFOs, sockets, loops and a thousand hard links',
    wall: 'root removes the workspace and follows no link',
    invariant: 11,
    script: '/opt/hostile/traps unremovable',
    verify(outcome) {
      expectSucceeded(outcome)
      expectRefused(outcome, ['immutable', 'append only'])
    },
  },
  {
    id: 'deep-tree',
    group: 'host',
    tries: 'nest folders deeper than the longest path, to break the programs that measure and remove them',
    wall: 'folders are opened relative to their parent, and moved to the top before removal',
    invariant: 11,
    script: '/opt/hostile/traps deep 1000',
    verify(outcome) {
      // If the workspace is counted before the run ends, its depth is over the limit.
      if (outcome.run.status === 'failed') return expect(outcome.run.reason).toMatch(/^workspace limit: .*512 deep/)
      expect(outcome.stdout).toBe('1000 levels, a file there: File name too long\n')
      expectSucceeded(outcome)
    },
  },
  {
    id: 'swapped-folders',
    group: 'host',
    tries: 'swap a folder for a symlink to the host while the workspace is counted',
    wall: 'folders are opened without following links',
    invariant: 4,
    script: '/opt/hostile/traps swap "$HOST_FOLDER"',
    verify(outcome) {
      expect(outcome.stdout).toBe('swapped 1\n')
      expectSucceeded(outcome)
    },
  },
  {
    id: 'sparse-files',
    group: 'host',
    tries: 'make files of a terabyte, and 200 sparse ones',
    wall: 'limit on the size of a file; allocated blocks are counted',
    invariant: 0,
    script: '/opt/hostile/traps sparse',
    verify(outcome) {
      expectRefused(outcome, ['a terabyte', 'a byte far out'])
      expect(outcome.stdout).toContain('200 sparse files')
      expectSucceeded(outcome)
    },
  },
  {
    id: 'fifo-for-git',
    group: 'host',
    tries: "replace git's index and HEAD by FIFOs, so that the commit of remaining changes waits forever",
    wall: 'git runs inside the sandbox, under the wall time limit',
    invariant: 4,
    mode: 'write',
    limits: { 'wall-minutes': 0.08 },
    script: 'rm -f .git/index; mkfifo .git/index; rm .git/HEAD; mkfifo .git/HEAD',
    verify({ run, change }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'wall time limit 0.08 min' })
      expect(change).toBeNull()
    },
  },
  {
    id: 'git-configuration',
    group: 'host',
    tries: "leave hooks, filters, aliases and an fsmonitor in `.git/config`, for the host's git to run",
    wall: 'the host never runs git on a tree of a sandbox',
    invariant: 4,
    mode: 'write',
    script: `for hook in pre-commit pre-push post-checkout post-merge reference-transaction; do
        printf '#!/bin/sh\\necho owned > "$HOST_FOLDER/owned"; echo owned > /tmp/owned\\n' > .git/hooks/$hook; chmod +x .git/hooks/$hook
      done
      git config core.fsmonitor 'touch "$HOST_FOLDER/owned"; false'; git config core.pager 'touch "$HOST_FOLDER/owned"'
      git config core.sshCommand 'touch "$HOST_FOLDER/owned"'; git config diff.external 'touch "$HOST_FOLDER/owned"'
      echo '* filter=x diff=x' > .gitattributes; git config filter.x.clean 'touch "$HOST_FOLDER/owned"; cat'; git config diff.x.textconv 'touch "$HOST_FOLDER/owned"; cat'
      echo changed > README.md`,
    async verify(outcome, { type }) {
      expect(outcome.change, outcome.run.reason ?? '').not.toBeNull()
      const { stdout } = await type('change', 'diff', outcome.change?.id ?? '')
      expect(stdout).toContain('+changed')
    },
  },
]
