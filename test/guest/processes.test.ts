import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINARIES, buildGuest } from './build-guest.ts'
import { argvs, exitOf, files, isInOrder, pidOf, started } from './read-reports.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: processes', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => void (box = await startGuest({ binary })))
  afterAll(async () => {
    expect(await box.guest.coverage()).toMatchObject({ dropped: 0, complete: true })
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  test('every program that a shell runs is reported with exact argv, parent and exit code', async () => {
    const script = "echo 'a  b' > f; cp f g; cat -- g; rm f; cat missing"
    const { reports, stdout, code } = await sh(box.guest, script)
    expect({ stdout, code }).toEqual({ stdout: 'a  b\n', code: 1 })
    const shell = pidOf(reports, 'sh')
    expect(started(reports).map(({ argv, parent, executable }) => [argv, parent, executable])).toEqual([
      [['sh', '-c', script], 1, '/usr/bin/dash'],
      [['cp', 'f', 'g'], shell, '/usr/bin/cp'],
      [['cat', '--', 'g'], shell, '/usr/bin/cat'],
      [['rm', 'f'], shell, '/usr/bin/rm'],
      [['cat', 'missing'], shell, '/usr/bin/cat'],
    ])
    expect(started(reports).map(({ pid }) => exitOf(reports, pid).code)).toEqual([1, 0, 0, 0, 1])
    expect(isInOrder(reports)).toBe(true)
  })

  test('posix_spawn, vfork and fork are all followed', async () => {
    const { reports } = await run(box.guest, ['/run/glovebox/programs/spawns'])
    expect(argvs(reports).slice(1)).toEqual([
      ['echo', 'by posix_spawn'],
      ['echo', 'by vfork'],
      ['echo', 'by fork'],
    ])
  })

  test('a process that executes three programs is reported as each of them, with the files of each', async () => {
    const { reports } = await sh(box.guest, 'echo x > chain; exec env cat chain')
    const pids = started(reports).map(({ pid }) => pid)
    expect(argvs(reports).map((argv) => argv[0])).toEqual(['sh', 'env', 'cat'])
    expect(new Set(pids).size).toBe(1)
    const [first, second] = reports.filter((report) => report.kind === 'file.accessed').map((report) => files([report]))
    expect(first).toMatchObject({ written: ['/workspace/chain'] })
    expect(second).toMatchObject({ written: [] })
    expect(isInOrder(reports)).toBe(true)
  })

  test('a program executed by a thread that is not the leader is the same process', async () => {
    const { reports, stdout } = await sh(
      box.guest,
      'echo hi > from-thread; exec /run/glovebox/programs/exec-from-thread',
    )
    expect(stdout).toBe('hi\n')
    expect(argvs(reports).at(-1)).toEqual(['cat', 'from-thread'])
    expect(new Set(started(reports).map(({ pid }) => pid)).size).toBe(1)
    expect(isInOrder(reports)).toBe(true)
  })

  test('a script is reported as its interpreter, and read as a file', async () => {
    const { reports } = await sh(
      box.guest,
      "printf '#!/bin/sh -e\\necho $1\\n' > script; chmod +x script; ./script one two",
    )
    const script = started(reports).find(({ argv }) => argv.includes('./script'))
    expect(script).toMatchObject({ argv: ['/bin/sh', '-e', './script', 'one', 'two'], executable: '/usr/bin/dash' })
    expect(files(reports, script?.pid).read).toEqual(['/workspace/script'])
  })

  test('a fork that never executes a program is reported with what it is a copy of', async () => {
    const { reports } = await sh(box.guest, '(echo x > sub; :); :')
    const fork = started(reports).find(({ origin }) => origin === 'fork')
    expect(fork?.argv).toEqual(['sh', '-c', '(echo x > sub; :); :'])
    expect(fork?.parent).toBe(pidOf(reports, 'sh'))
    expect(files(reports, fork?.pid).created).toEqual(['/workspace/sub'])
  })

  test('a death by signal is reported as such', async () => {
    const { reports, code, signal } = await sh(box.guest, 'sh -c "kill -SEGV $$"; kill -TERM $$')
    expect({ code, signal }).toEqual({ code: null, signal: 11 })
    expect(exitOf(reports, pidOf(reports, 'sh'))).toMatchObject({ code: null, signal: 11 })
  })

  test('a background process does not outlive its step, and its end is on the record', async () => {
    // The shell ends only once the other program runs, so that what is looked for is there however busy the machine is.
    const { reports, code } = await sh(
      box.guest,
      '(setsid sleep 1000 & echo $! > pid); until grep -q sleep /proc/$(cat pid)/comm; do sleep 0.01; done; exit 3',
    )
    expect(code).toBe(3)
    const background = started(reports).filter(({ argv }) => argv.join(' ') === 'sleep 1000')
    expect(background).toHaveLength(1)
    expect(exitOf(reports, background[0]?.pid ?? 0)).toMatchObject({ code: null, signal: 9 })
    expect((await sh(box.guest, 'echo /proc/[0-9]*')).stdout).toMatch(/^\/proc\/1 \/proc\/\d+\n$/)
  })

  test('stopping and continuing a process works as without the recorder', async () => {
    const { stdout, wallMs } = await sh(
      box.guest,
      'sleep 0.2 & p=$!; kill -STOP $p; sleep 0.05; kill -CONT $p; wait $p; echo $?',
    )
    expect(stdout).toBe('0\n')
    expect(wallMs).toBeGreaterThan(150)
  })

  test('signals reach their handlers', async () => {
    const { stdout } = await sh(box.guest, "trap 'echo caught; exit 7' USR1; kill -USR1 $$; sleep 5")
    expect(stdout).toBe('caught\n')
  })

  test('a long argv is given whole up to 256 KiB, and what is over it is counted', async () => {
    const { reports } = await sh(box.guest, '/bin/true $(seq 1 60000)')
    const program = reports.find(
      (report) => report.kind === 'process.started' && Buffer.from(report.argv[0] ?? []).toString() === '/bin/true',
    )
    if (program?.kind !== 'process.started') throw new Error('true was not reported')
    const given = program.argv.reduce((sum, argument) => sum + argument.length + 1, 0)
    expect(given).toBeGreaterThanOrEqual(256 << 10)
    // The last argument may have been cut before its NUL.
    const whole = ['/bin/true', ...Array.from({ length: 60_000 }, (_, n) => String(n + 1)), ''].join('\0').length
    expect([whole, whole + 1]).toContain(given + program.argvOmitted)
  })

  test('many processes at once are all reported', async () => {
    const { reports } = await sh(box.guest, 'for i in $(seq 1 100); do /bin/true $i & done; wait')
    expect(argvs(reports).filter(([name]) => name === '/bin/true')).toHaveLength(100)
    expect(isInOrder(reports)).toBe(true)
  })

  test('threads and processes that are gone at once are each accounted for once', async () => {
    const { reports, code } = await run(box.guest, ['/run/glovebox/programs/births'])
    expect(code).toBe(0)
    expect(started(reports).filter(({ origin }) => origin === 'fork')).toHaveLength(1200)
    expect(isInOrder(reports)).toBe(true)
    expect((await box.guest.coverage()).dropped).toBe(0)
  })

  test('a program that does not exist, or a missing folder, is the failure of the step', async () => {
    expect(await run(box.guest, ['no-such-program'])).toMatchObject({
      code: 127,
      stderr: 'glovebox: cannot execute no-such-program: No such file or directory\n',
    })
    expect(await run(box.guest, ['true'], { cwd: '/missing' })).toMatchObject({ code: 127 })
    expect(await run(box.guest, ['/workspace'])).toMatchObject({ code: 126 })
  })

  test('a command sees exactly the environment it was given', async () => {
    const { stdout } = await run(box.guest, ['env'], { env: { ONLY: 'this', EMPTY: '' } })
    expect(stdout.trim().split('\n').toSorted()).toEqual([
      'EMPTY=',
      'HOME=/tmp',
      'LANG=C.UTF-8',
      'ONLY=this',
      'PATH=/run/glovebox/bin:/usr/local/bin:/usr/bin:/bin',
    ])
  })
})
