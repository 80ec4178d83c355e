import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GuestReport } from '../../src/sandbox/types.ts'
import { BINARIES, buildGuest } from './build-guest.ts'
import { endless, LiveInput, pieces } from './live-input.ts'
import { exitOf, isInOrder, started } from './read-reports.ts'
import { ENV, run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

const WINDOW = 256 << 10
const PIPE = 64 << 10

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: standard input', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => void (box = await startGuest({ binary })))
  afterAll(async () => {
    expect((await box.guest.coverage()).dropped).toBe(0)
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  async function isAlive(): Promise<void> {
    expect((await sh(box.guest, 'echo alive')).stdout).toBe('alive\n')
  }

  test.each([true, false])(
    '10 MB come through cat byte for byte (recorded: %s)',
    async (record) => {
      const bytes = randomBytes(10_000_000)
      async function* uneven() {
        for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 300_007)
          yield bytes.subarray(at, at + size)
      }
      const hash = createHash('sha256')
      const result = await box.guest.run(
        { step: 2, argv: ['cat'], env: ENV, cwd: '/', outputLimit: 1 << 30, record, stdin: uneven() },
        { output: (_stream, chunk) => void hash.update(chunk), reports: () => {} },
        new AbortController().signal,
      )
      expect(result).toMatchObject({ code: 0, stdoutBytes: bytes.length, outputOmitted: 0 })
      expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
    },
    60_000,
  )

  test('a step is answered while its input is open, line by line', async () => {
    const input = new LiveInput()
    let heard = ''
    const result = await box.guest.run(
      {
        step: 3,
        argv: ['sh', '-c', 'while read line; do echo "got $line"; done; echo end'],
        env: ENV,
        cwd: '/',
        outputLimit: 1 << 20,
        record: true,
        stdin: input,
      },
      {
        output: (_stream, chunk) => {
          heard += Buffer.from(chunk).toString()
          const lines = heard.split('\n').length - 1
          if (lines < 4) input.write(`line ${lines}\n`)
          else input.end()
        },
        reports: (reports) => {
          if (reports.some(({ kind }) => kind === 'process.started')) input.write('line 0\n')
        },
      },
      new AbortController().signal,
    )
    expect(heard).toBe('got line 0\ngot line 1\ngot line 2\ngot line 3\nend\n')
    expect(result.code).toBe(0)
  })

  test('it is a pipe; without it there is /dev/null, and nothing of an earlier one is left', async () => {
    const script = 'readlink /proc/self/fd/0; ls /proc/self/fd | wc -l; cat'
    const without = await sh(box.guest, script)
    expect(without.stdout).toMatch(/^\/dev\/null\n\d+\n$/)
    const given = await sh(box.guest, script, { stdin: pieces('', 'mine', '') })
    expect(given.stdout).toMatch(/^pipe:\[\d+\]\n\d+\nmine$/)
    expect(given.stdout.split('\n')[1]).toBe(without.stdout.split('\n')[1])
    await sh(box.guest, 'true', { stdin: pieces('left over') })
    expect((await sh(box.guest, script)).stdout).toBe(without.stdout)
    expect((await sh(box.guest, 'cat', { stdin: pieces('own') })).stdout).toBe('own')
    expect((await sh(box.guest, 'cat', { stdin: pieces() })).stdout).toBe('')
  })

  test('a step that never reads is given what fits and no more, and is killed in spite of it', async () => {
    const source = endless(10_000)
    const abort = new AbortController()
    const running = run(box.guest, ['sleep', '1000'], { stdin: source, signal: abort.signal })
    // The piece that does not fit any more was taken from the source.
    await source.reached(WINDOW + PIPE)
    abort.abort()
    expect(await running).toMatchObject({ code: null, signal: 9 })
    await source.left
    expect(source.given).toBeLessThanOrEqual(WINDOW + PIPE + 10_000)
    await isAlive()
  })

  test('a step that reads a little at a time gets it, and its end is no error', async () => {
    const source = endless(70_000)
    const script = 'for i in 1 2 3; do dd bs=1 count=1 2>/dev/null; sleep 0.1; done; exit 7'
    expect(await sh(box.guest, script, { stdin: source })).toMatchObject({ code: 7, stdout: 'xxx' })
    await source.left
    await isAlive()
  })

  test('when a step closes its input, the source is told at once and the step goes on', async () => {
    const source = endless(1000)
    const idle = new LiveInput()
    for (const stdin of [source, idle]) {
      const abort = new AbortController()
      const running = sh(box.guest, 'exec 0<&-; sleep 1000', { stdin, signal: abort.signal })
      await stdin.left
      abort.abort()
      const result = await running
      expect(result).toMatchObject({ code: null, signal: 9 })
      expect(exitOf(result.reports, started(result.reports)[0]?.pid ?? 0).signal).toBe(9)
    }
    await isAlive()
  })

  test('a child that holds the input does not hold the step', async () => {
    const source = endless(1000)
    const result = await sh(box.guest, 'exec 3<&0; sleep 1000 <&3 & exit 5', { stdin: source })
    expect(result).toMatchObject({ code: 5 })
    expect(isInOrder(result.reports)).toBe(true)
    await source.left
    // One that outlives its parent in turn still reads it.
    const handed = await sh(box.guest, 'exec 3<&0; (cat <&3 & wait) ; exit 6', { stdin: pieces('a', 'b') })
    expect(handed).toMatchObject({ code: 6, stdout: 'ab' })
  })

  test('a step that makes its pipe small gets all of it', async () => {
    const bytes = randomBytes(3_000_000)
    const script =
      'import fcntl,hashlib,sys\nprint(fcntl.fcntl(0, 1031, 4096), flush=True)\nprint(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
    const small = Promise.withResolvers<void>()
    async function* later() {
      await small.promise // a pipe that holds something can't be made smaller
      yield bytes
    }
    let stdout = ''
    const output = (_stream: string, chunk: Uint8Array): void => {
      stdout += Buffer.from(chunk).toString()
      small.resolve()
    }
    const argv = ['/usr/bin/python3', '-c', script]
    const command = { step: 5, argv, env: ENV, cwd: '/', outputLimit: 1000, record: true, stdin: later() }
    await box.guest.run(command, { output, reports: () => {} }, new AbortController().signal)
    expect(stdout).toBe(`4096\n${createHash('sha256').update(bytes).digest('hex')}\n`)
  }, 60_000)

  test('a step that fills its own input blocks nobody', async () => {
    const script =
      'import os\nfd = os.open("/proc/self/fd/0", os.O_WRONLY | os.O_NONBLOCK)\ntry:\n while True: os.write(fd, b"y" * 4096)\nexcept BlockingIOError: print("full", flush=True)\nos.execlp("sleep", "sleep", "1000")'
    const abort = new AbortController()
    const source = endless(5000)
    const running = run(box.guest, ['/usr/bin/python3', '-c', script], { stdin: source, signal: abort.signal })
    await source.reached(WINDOW)
    abort.abort()
    expect(await running).toMatchObject({ signal: 9 })
    await isAlive()
  })

  test('a program that can not be executed ends its input as well', async () => {
    const source = endless(1000)
    expect(await run(box.guest, ['no-such-program'], { stdin: source })).toMatchObject({ code: 127 })
    await source.left
  })

  test('a source that fails ends the step, which is on the record to its end', async () => {
    const failure = new Error('no more')
    const runs = Promise.withResolvers<void>()
    async function* failing() {
      await runs.promise
      yield Buffer.from('one\n')
      throw failure
    }
    const reports: GuestReport[] = []
    const take = (batch: readonly GuestReport[]): void => {
      reports.push(...batch)
      runs.resolve()
    }
    const running = box.guest.run(
      { step: 4, argv: ['sleep', '1000'], env: ENV, cwd: '/', outputLimit: 10, record: true, stdin: failing() },
      { output: () => {}, reports: take },
      new AbortController().signal,
    )
    await expect(running).rejects.toMatchObject({ code: 'input', cause: failure })
    expect(reports.at(-1)).toMatchObject({ kind: 'process.exited', step: 4, signal: 9 })
    await isAlive()
  })
})
