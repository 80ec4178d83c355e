// What the guest does in the place of a process: no other thread can make the record differ from it, and the process
// can't tell it from what the kernel does.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINARIES, buildGuest } from './build-guest.ts'
import { files, started, text } from './read-reports.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: standing in', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => void (box = await startGuest({ binary })))
  afterAll(() => box[Symbol.asyncDispose]())

  test('every call that is told has the same result with the recorder and without', async () => {
    const recorded = await run(box.guest, ['/run/glovebox/programs/calls'], { cwd: '/tmp' })
    const bare = await run(box.guest, ['/run/glovebox/programs/calls'], { cwd: '/tmp', record: false })
    expect(recorded.stdout.split('\n').length).toBeGreaterThan(5000)
    expect(recorded.stdout).toContain('kept open: 0')
    expect(bare.stdout).toContain('structure of 4072, place 0, mark 0: ok\n')
    expect(bare.stdout).toContain('structure of 4072, place 0, mark 3: E2BIG\n')
    expect(bare.stdout).toMatch(/^its child: scheduler ok .* processors ok priority ok/m)
    expect(recorded.stdout).toBe(bare.stdout)
    expect((await box.guest.coverage()).dropped).toBe(0)
  }, 180_000)

  test('what is made has the mode that its umask gives, whoever sets it meanwhile', async () => {
    const { stdout } = await run(box.guest, ['/run/glovebox/programs/umasks'])
    expect(stdout).toBe('840 made, 0 wrong\n')
    expect((await box.guest.coverage()).dropped).toBe(0)
  })

  test('a name that another thread changes meanwhile is recorded as what was opened', async () => {
    await run(box.guest, ['/run/glovebox/programs/races'])
    const { stdout, reports } = await run(box.guest, ['/run/glovebox/programs/races', 'open'])
    const got = stdout.trim().split('\n')
    expect(got).toHaveLength(400)
    expect(files(reports).read).toEqual(got.map((name) => `/workspace/${name}`).toSorted())
  })

  test('a name that another thread changes meanwhile is recorded as what was removed', async () => {
    await run(box.guest, ['/run/glovebox/programs/races'])
    const { stdout, reports } = await run(box.guest, ['/run/glovebox/programs/races', 'remove'])
    const got = stdout.trim().split('\n')
    expect(got).toHaveLength(400)
    expect(files(reports).removed).toEqual(got.map((name) => `/workspace/${name}`).toSorted())
    await sh(box.guest, 'rm -f a* b*')
  })

  test('Landlock is not there, as on a kernel without: nothing that restricts itself goes by unlisted', async () => {
    await run(box.guest, ['/run/glovebox/programs/races'])
    const { code, reports } = await run(box.guest, ['/run/glovebox/programs/races', 'restricted'])
    expect(code).toBe(3)
    expect(files(reports).attempted).toEqual([])
    await sh(box.guest, 'rm -f a* b*')
  })

  test('pipes, terminals and files of /proc are listed as what was opened', async () => {
    const { reports } = await sh(box.guest, 'mkfifo pipe; cat pipe & echo x > pipe; wait; cat /proc/self/comm')
    expect(files(reports)).toMatchObject({
      attempted: [],
      read: ['/workspace/pipe'],
      written: ['/workspace/pipe'],
      created: ['/workspace/pipe'],
    })
  })

  test('a pipe that has no name is listed as it was asked for, and nothing counts as missing', async () => {
    const { reports, stdout } = await sh(box.guest, 'echo x | cat /dev/stdin')
    expect(stdout).toBe('x\n')
    const read = reports.flatMap((report) => (report.kind === 'file.accessed' ? report.read.map(text) : []))
    expect(read).toContain('/dev/stdin')
    expect((await box.guest.coverage()).dropped).toBe(0)
  })

  test('a path too long to be put on the record is refused', async () => {
    const script =
      'import os\nerror = None\nfor i in range(30):\n try: os.mkdir("d" * 200); os.chdir("d" * 200)\n except OSError as e: error = e.strerror; break\nprint(i, error)\ntry: open("f" * 200, "w")\nexcept OSError as e: print(e.strerror)'
    const { stdout } = await run(box.guest, ['/usr/bin/python3', '-c', script])
    expect(stdout).toMatch(/^\d+ File name too long\n/)
    expect((await box.guest.coverage()).dropped).toBe(0)
    await sh(box.guest, 'rm -rf d*')
  })

  test('a process that is killed in the middle of a call leaves no gap in the record', async () => {
    const { stdout } = await run(box.guest, ['/run/glovebox/programs/killed'])
    expect(stdout).toBe('done\n')
    expect((await box.guest.coverage()).dropped).toBe(0)
  }, 120_000)

  test('a program is named by the digest of its content', async () => {
    const { reports } = await sh(box.guest, 'cp /usr/bin/echo mine; ./mine; printf x >> mine; ./mine')
    const digests = reports.flatMap((report) =>
      report.kind === 'process.started' && report.origin === 'exec'
        ? [[text(report.argv[0] ?? new Uint8Array()), hex(report.executableSha256)]]
        : [],
    )
    const echo = readFileSync('/usr/bin/echo')
    expect(digests.filter(([name]) => name === './mine')).toEqual([
      ['./mine', sha256(echo)],
      ['./mine', sha256(Buffer.concat([echo, Buffer.from('x')]))],
    ])
    expect(digests.find(([name]) => name === 'cp')?.[1]).toBe(sha256(readFileSync('/usr/bin/cp')))
    expect(started(reports).length).toBeGreaterThan(3)
  })

  test('what a process wrote is named by its digest as it was when the process ended', async () => {
    const script = 'echo one > f; /bin/echo two > f; printf three > g; mv g h; printf gone > i; rm i; cat f'
    const { reports } = await sh(box.guest, script)
    const left = hashed(reports)
    expect(left).toContainEqual(['/workspace/f', 4, sha256(Buffer.from('two\n'))])
    expect(left).toContainEqual(['/workspace/h', 5, sha256(Buffer.from('three'))])
    expect(left.filter(([path]) => path === '/workspace/i')).toEqual([])
  })

  test('files that are left by a link, without a name at first, or in a renamed folder have digests', async () => {
    const script = `
import os
os.mkdir('d'); open('d/f', 'w').write('in a folder'); os.mkdir('d/deeper'); open('d/deeper/g', 'w').write('deeper')
if os.fork() == 0: os.rename('d', 'e'); os._exit(0)
os.wait()
open('a', 'w').write('linked')
if os.fork() == 0: os.link('a', 'b'); os.unlink('a'); os._exit(0)
os.wait()
fd = os.open('.', os.O_TMPFILE | os.O_RDWR, 0o644); os.write(fd, b'unnamed')
os.link(f'/proc/self/fd/{fd}', 't', src_dir_fd=os.open('.', os.O_RDONLY))
p = os.open('passed', os.O_CREAT | os.O_RDWR)
if os.fork() == 0:
    while os.getppid() != 1: pass
    os.write(p, b'passed on'); os._exit(0)
`
    const { reports } = await sh(
      box.guest,
      `echo old > old; mkdir kept; mv old kept; /usr/bin/python3 -c "$0"; mv kept now; sleep 1`.replace(
        '$0',
        script.replaceAll('"', '\\"'),
      ),
      { step: 2 },
    )
    const left = hashed(reports)
    for (const [name, content] of Object.entries({
      'e/f': 'in a folder',
      'e/deeper/g': 'deeper',
      b: 'linked',
      t: 'unnamed',
      passed: 'passed on',
      'now/old': 'old\n',
    }))
      expect(left).toContainEqual([`/workspace/${name}`, content.length, sha256(Buffer.from(content))])
    expect(left.filter(([path]) => path === '/workspace/passed').at(-1)?.[1]).toBe('passed on'.length)
    const links = reports.flatMap((report) => (report.kind === 'file.accessed' ? (report.linked ?? []) : []))
    expect(links.map(({ from, to }) => [text(from), text(to)])).toEqual([['/workspace/a', '/workspace/b']])
    await sh(box.guest, 'rm -rf e b t passed now')
  })
})

function hashed(reports: Awaited<ReturnType<typeof run>>['reports']) {
  return reports.flatMap((report) =>
    report.kind === 'file.hashed'
      ? report.files.map(({ path, bytes, sha256: digest }) => [text(path), bytes, hex(digest)] as const)
      : [],
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex')
}
