import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINARIES, buildGuest } from './build-guest.ts'
import { files, pidOf } from './read-reports.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

const NOTHING = { read: [], written: [], created: [], removed: [], renamed: [], attempted: [], omitted: 0 }

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: files', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => {
    box = await startGuest({ binary })
    await sh(box.guest, 'echo secret > secret; mkdir folder; echo inside > folder/file')
  })
  afterAll(async () => {
    expect((await box.guest.coverage()).complete).toBe(true)
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  test('reads and writes belong to the process that made them', async () => {
    const { reports } = await sh(box.guest, 'echo a > f; cp f g; cat g; rm f')
    expect(files(reports, pidOf(reports, 'sh'))).toEqual({
      ...NOTHING,
      written: ['/workspace/f'],
      created: ['/workspace/f'],
    })
    expect(files(reports, pidOf(reports, 'cp'))).toEqual({
      ...NOTHING,
      read: ['/workspace/f'],
      written: ['/workspace/g'],
      created: ['/workspace/g'],
    })
    expect(files(reports, pidOf(reports, 'cat'))).toEqual({ ...NOTHING, read: ['/workspace/g'] })
    expect(files(reports, pidOf(reports, 'rm'))).toEqual({ ...NOTHING, removed: ['/workspace/f'] })
  })

  test('a redirection counts for the program that it was made for', async () => {
    const { reports } = await run(box.guest, ['bash', '-c', 'cat secret > redirected; :'])
    expect(files(reports, pidOf(reports, 'cat'))).toMatchObject({
      read: ['/workspace/secret'],
      written: ['/workspace/redirected'],
    })
  })

  test.each([
    ['a missing file', 'cat missing', NOTHING],
    [
      'a file without permission',
      'touch closed; chmod 000 closed; cat closed',
      { written: ['/workspace/closed'], read: [] },
    ],
    ['a folder', 'ls folder; cat folder', NOTHING],
    ['a file that exists, with O_EXCL', 'set -C; echo x > secret', NOTHING],
    [
      'appending',
      'echo x >> appended; echo y >> appended',
      { written: ['/workspace/appended'], created: ['/workspace/appended'] },
    ],
    ['reading and writing', 'exec 3<>secret', { read: ['/workspace/secret'], written: ['/workspace/secret'] }],
    [
      'a symlink',
      'ln -s folder/file link; cat link',
      { read: ['/workspace/folder/file'], created: ['/workspace/link'] },
    ],
    [
      'a dangling symlink',
      'ln -s folder/new dangling; echo x > dangling',
      { created: ['/workspace/dangling', '/workspace/folder/new'] },
    ],
    ['names with dots', 'cat ./folder/../folder//file', { read: ['/workspace/folder/file'] }],
    ['a working directory that changed', 'cd folder; cat file', { read: ['/workspace/folder/file'] }],
    [
      'renaming across folders',
      'echo x > before; mv before folder/after',
      { renamed: ['/workspace/before -> /workspace/folder/after'] },
    ],
    ['a rename that fails', 'mkdir full; touch full/x; mv -T folder full', { renamed: [] }],
    [
      'moving to another file system',
      'echo x > far; mv far /tmp/far',
      { renamed: [], read: ['/workspace/far'], removed: ['/workspace/far'] },
    ],
    ['a hard link', 'ln secret hard', { created: ['/workspace/hard'] }],
    [
      'folders',
      'mkdir -p new/deep; rmdir new/deep; rmdir folder',
      { created: ['/workspace/new', '/workspace/new/deep'], removed: ['/workspace/new/deep'] },
    ],
    ['removing a tree', 'mkdir tree; touch tree/a; rm -r tree', { removed: ['/workspace/tree', '/workspace/tree/a'] }],
    ['truncating', 'truncate -s 0 appended', { written: ['/workspace/appended'] }],
    [
      'a removed file that is still open',
      'echo x > gone; exec 3<gone; rm gone; cat <&3',
      { read: ['/workspace/gone'], removed: ['/workspace/gone'] },
    ],
    ['/proc/self in a symlink', 'ln -s /proc/self/cwd/secret sly; cat sly', { read: ['/workspace/secret'] }],
    ['/proc/self/root', 'cat /proc/self/root/workspace/secret', { read: ['/workspace/secret'] }],
    ['a descriptor by name', 'cat /dev/fd/3 3<secret', { read: ['/workspace/secret', '/workspace/secret'] }],
    ['a name that is no text', "printf x > $(printf 'odd\\377')", { created: ['/workspace/odd\ufffd'] }],
    ['a read-only place', 'echo x > /usr/forbidden; echo y > /forbidden', NOTHING],
  ])('%s', async (_what, script, expected) => {
    const { reports } = await sh(box.guest, script)
    expect(files(reports)).toMatchObject(expected)
  })

  test('/proc/self means the process, not the guest', async () => {
    const { reports } = await sh(box.guest, 'cat /proc/self/comm /proc/thread-self/stat')
    const cat = pidOf(reports, 'cat')
    const read = reports.flatMap((report) => (report.kind === 'file.accessed' && report.pid === cat ? report.read : []))
    const paths = read.map((path) => Buffer.from(path).toString())
    expect(paths).toContain(`/proc/${cat}/comm`)
    expect(paths).toContain(`/proc/${cat}/task/${cat}/stat`)
  })

  test('threads that open files relative to a descriptor count for their process, once a file', async () => {
    const { reports } = await run(box.guest, ['/run/glovebox/programs/threads-open'])
    const created = ['0', '1', '2', '3'].map((n) => `/workspace/thread-${n}`)
    expect(files(reports)).toEqual({ ...NOTHING, created, written: created })
  })

  test('a loader in the workspace, which the kernel maps at an exec, is read by the program', async () => {
    const { reports, stdout } = await sh(
      box.guest,
      'loader=$(ls /lib64/ld-linux-*.so.2 /lib/ld-linux-*.so.1 2>/dev/null | head -1); cp $loader "own\nloader"; ' +
        "echo 'int main(void) { return 0; }' > p.c; gcc -Wl,--dynamic-linker='/workspace/own\nloader' -o p p.c && ./p && echo ran",
    )
    expect(stdout).toBe('ran\n')
    expect(files(reports, pidOf(reports, './p'))).toMatchObject({ read: ['/workspace/own\nloader'] })
  })

  test('a long list comes in several reports without a repetition', async () => {
    const { reports } = await sh(
      box.guest,
      'i=0; while [ $i -lt 2500 ]; do : > many-$i; : > many-$i; i=$((i+1)); done; rm many-*',
    )
    expect(files(reports).created).toHaveLength(2500)
    expect(files(reports).removed).toHaveLength(2500)
    expect(reports.filter((report) => report.kind === 'file.accessed').length).toBeGreaterThan(5)
  })

  test('lists 20,500 files that one process reads', async () => {
    await mkdir(join(box.workspace, 'huge'), { recursive: true })
    const paths = Array.from({ length: 20_500 }, (_, n) => join(box.workspace, 'huge', String(n)))
    for (let i = 0; i < paths.length; i += 500)
      await Promise.all(paths.slice(i, i + 500).map((path) => writeFile(path, '')))
    const { reports } = await run(box.guest, ['grep', '-r', 'x', '/workspace/huge'])
    const grep = files(reports)
    expect(grep.read.filter((path) => path.startsWith('/workspace/huge/'))).toHaveLength(20_500)
    expect(grep.omitted).toBe(0)
  })
})
