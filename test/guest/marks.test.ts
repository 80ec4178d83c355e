import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GuestReport } from '../../src/sandbox/types.ts'
import { BINARIES, buildGuest } from './build-guest.ts'
import { LiveInput } from './live-input.ts'
import { files, isInOrder, pidOf, started, text } from './read-reports.ts'
import { ENV, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

beforeAll(buildGuest, 300_000)

const INTERPRETER =
  'import os,socket,sys\nfor line in iter(sys.stdin.readline, ""):\n exec(line)\n print("done", flush=True)'

describe.each(BINARIES)('%s: marks', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => {
    box = await startGuest({ binary })
    await sh(box.guest, 'echo a > a; echo b > b; echo x > shared')
  })
  afterAll(async () => {
    expect((await box.guest.coverage()).dropped).toBe(0)
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  /** A step that does what it is told, one line after the other. */
  function interpreter(record = true) {
    const input = new LiveInput()
    const reports: GuestReport[] = []
    let done: (() => void) | null = null
    const sink = {
      output: () => done?.(),
      reports: (batch: readonly GuestReport[]) => void reports.push(...batch),
    }
    const argv = ['/usr/bin/python3', '-c', INTERPRETER]
    const command = { step: 1, argv, env: ENV, cwd: '/workspace', outputLimit: 1 << 20, record, stdin: input }
    const ended = box.guest.run(command, sink, new AbortController().signal)
    return {
      reports,
      async tell(line: string) {
        const { promise, resolve } = Promise.withResolvers<void>()
        done = resolve
        input.write(`${line}\n`)
        await promise
      },
      /** What came since the last call. */
      async mark() {
        await box.guest.mark()
        return reports.splice(0)
      },
      async end() {
        input.end()
        return ended
      },
    }
  }

  test('what a process did is reported while it runs, and listed again when it is done again', async () => {
    const step = interpreter()
    await step.tell('open("a").read()')
    const first = await step.mark()
    expect(started(first)).toHaveLength(1)
    expect(files(first).read).toEqual(['/workspace/a'])
    expect(await step.mark()).toEqual([])
    await step.tell('open("a").read(); open("b").read(); open("a").read()')
    await step.tell('open("new", "w").write("1"); os.rename("new", "newer"); os.remove("newer")')
    const second = await step.mark()
    expect(started(second)).toEqual([])
    expect(files(second)).toMatchObject({
      read: ['/workspace/a', '/workspace/b'],
      created: ['/workspace/new'],
      renamed: ['/workspace/new -> /workspace/newer'],
      removed: ['/workspace/newer'],
    })
    expect((await step.end()).code).toBe(0)
    expect(files(step.reports)).toMatchObject({ read: [], created: [], renamed: [], removed: [] })
    expect(isInOrder([...first, ...second, ...step.reports])).toBe(true)
  })

  test('a file that is written after every mark is hashed once, when its process ends', async () => {
    const step = interpreter()
    const lines = ['open("log", "a").write("x")', 'open("log", "a").write("y"); open("other", "w").close()']
    const marked: GuestReport[] = []
    for (const line of [...lines, ...lines]) {
      await step.tell(line)
      marked.push(...(await step.mark()))
    }
    await step.end()
    const hashed = (reports: readonly GuestReport[]) =>
      reports.flatMap((report) => (report.kind === 'file.hashed' ? report.files : []))
    expect(files(marked).written.filter((path) => path === '/workspace/log')).toHaveLength(4)
    expect(hashed(marked)).toEqual([])
    expect(hashed(step.reports).map(({ path, bytes }) => [text(path), bytes])).toEqual([
      ['/workspace/log', 4],
      ['/workspace/other', 0],
    ])
    await sh(box.guest, 'rm -f log other')
  })

  test('what a process tried to reach is reported, and counted from the start after a mark', async () => {
    const step = interpreter()
    const connect = 'socket.socket().connect_ex(("127.0.0.1", 9))'
    await step.tell(`${connect}; ${connect}`)
    const before = await step.mark()
    await step.tell(connect)
    const after = await step.mark()
    await step.end()
    const times = (reports: readonly GuestReport[]) =>
      reports.flatMap((report) => (report.kind === 'net.attempted' ? [report.times] : []))
    expect([times(before), times(after), times(step.reports)]).toEqual([[2], [1], []])
  })

  test('a fork that nobody spoke of yet is started before its files are told', async () => {
    const step = interpreter()
    await step.tell('r, w = os.pipe()')
    await step.tell('os.fork() or (open("b").read(), os.write(w, b"x"), os.read(0, 1), os._exit(0)); os.read(r, 1)')
    const marked = await step.mark()
    expect(started(marked).map(({ origin }) => origin)).toEqual(['exec', 'fork'])
    const child = started(marked)[1]?.pid ?? 0
    expect(files(marked, child).read).toEqual(['/workspace/b'])
    await step.end()
    expect(isInOrder([...marked, ...step.reports])).toBe(true)
    expect(started(step.reports)).toEqual([])
    expect(step.reports.map(({ kind, pid }) => `${kind} ${pid === child}`)).toContain('process.exited true')
  })

  test('64 threads open files while marks are taken: each file is told once', async () => {
    const program = '/run/glovebox/programs/threads-create'
    const { reports, marks } = await underMarks([program, '64', '10'])
    const wanted = Array.from({ length: 64 * 10 }, (_, i) => `/workspace/made-${i % 64}-${Math.floor(i / 64)}`)
    const listed = files(reports, pidOf(reports, 'threads-create'))
    expect(listed.created).toEqual(wanted.toSorted())
    expect(listed.written).toEqual(wanted.toSorted())
    const shared = listed.read.filter((path) => path === '/workspace/shared').length
    expect(shared).toBeGreaterThan(0)
    expect(shared).toBeLessThanOrEqual(marks + 1)
    expect(isInOrder(reports)).toBe(true)
    await sh(box.guest, 'rm -f made-*')
  }, 120_000)

  test('programs start and end while marks are taken: none is lost and none is told twice', async () => {
    const script =
      'i=0; while [ $i -lt 150 ]; do (: < a; : > mine-$i); /bin/echo $i; i=$((i+1)); done | /bin/cat >/dev/null'
    const { reports } = await underMarks(['sh', '-c', script])
    expect(isInOrder(reports)).toBe(true)
    const echoes = started(reports).filter(({ argv }) => argv[0] === '/bin/echo')
    expect(echoes.map(({ argv }) => Number(argv[1]))).toEqual([...Array(150).keys()])
    expect(files(reports).created).toEqual([...Array(150).keys()].map((i) => `/workspace/mine-${i}`).toSorted())
    await sh(box.guest, 'rm -f mine-*')
  }, 120_000)

  async function underMarks(argv: readonly string[]) {
    const reports: GuestReport[] = []
    const state = { running: true }
    const command = { step: 6, argv, env: ENV, cwd: '/workspace', outputLimit: 1 << 20, record: true }
    const sink = { output: () => {}, reports: (batch: readonly GuestReport[]) => void reports.push(...batch) }
    const ended = box.guest.run(command, sink, new AbortController().signal).finally(() => (state.running = false))
    let marks = 0
    for (; state.running; marks++) await box.guest.mark()
    expect(await ended).toMatchObject({ code: 0 })
    expect(marks).toBeGreaterThan(1)
    return { reports, marks }
  }

  test('lists every path of a process, however many there are over all marks', async () => {
    const step = interpreter()
    await step.tell('os.chdir("/tmp"); names = ["many-%d" % i for i in range(3500)]')
    const rounds: GuestReport[] = []
    for (let i = 0; i < 3; i++) {
      // Created and written once, then read and written.
      await step.tell('for n in names: os.close(os.open(n, os.O_CREAT | os.O_RDWR))')
      rounds.push(...(await step.mark()))
    }
    await step.end()
    rounds.push(...step.reports)
    let listed = 0
    let omitted = 0
    for (const report of rounds) {
      if (report.kind !== 'file.accessed') continue
      for (const list of ['read', 'written', 'created', 'removed', 'renamed', 'attempted'] as const)
        listed += report[list].length
      omitted += report.omitted
    }
    // Once as created, and after each mark as read and as written.
    expect(listed).toBeGreaterThanOrEqual(3500 * 6)
    expect(omitted).toBe(0)
    await sh(box.guest, 'rm -f /tmp/many-*')
  }, 120_000)

  test('a mark is answered when there is nothing to mark: no step, or one that is not recorded', async () => {
    await box.guest.mark()
    const step = interpreter(false)
    await step.tell('open("a").read()')
    await Promise.all([box.guest.mark(), box.guest.mark(), box.guest.mark()])
    expect(step.reports).toEqual([])
    await step.end()
    await box.guest.mark()
  })

  test('many who ask at once are all answered', async () => {
    const step = interpreter()
    await step.tell('open("a").read()')
    await Promise.all(Array.from({ length: 500 }, () => box.guest.mark()))
    expect(files(step.reports).read).toEqual(['/workspace/a'])
    await step.tell('open("a").read()')
    const asked = Array.from({ length: 500 }, () => box.guest.mark())
    await step.end()
    await Promise.all(asked)
    expect(files(step.reports).read).toEqual(['/workspace/a', '/workspace/a'])
  })
})
