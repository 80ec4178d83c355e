import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GuestReport } from '../../src/sandbox/types.ts'
import { BINARIES, buildGuest } from './build-guest.ts'
import { argvs, exitOf, isInOrder, started } from './read-reports.ts'
import { ENV, run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: output and its limits', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => void (box = await startGuest({ binary })))
  afterAll(async () => {
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  test('both streams arrive whole and apart', async () => {
    const { stdout, stderr, stdoutBytes, stderrBytes, outputOmitted } = await sh(
      box.guest,
      'seq 1 20000; seq 20001 30000 >&2',
    )
    expect(stdout.trim().split('\n')).toHaveLength(20_000)
    expect(stderr.trim().split('\n')).toHaveLength(10_000)
    expect({ stdoutBytes, stderrBytes, outputOmitted }).toEqual({
      stdoutBytes: stdout.length,
      stderrBytes: stderr.length,
      outputOmitted: 0,
    })
  })

  test('of what is over the limit the end arrives, the rest is counted, and the command runs to its end', async () => {
    const script = 'echo begin; yes | head -c 5000000; echo the real error; echo end >&2'
    const result = await sh(box.guest, script, { outputLimit: 1000 })
    const stdoutBytes = 5_000_000 + 'begin\nthe real error\n'.length
    expect(result).toMatchObject({ code: 0, stderr: 'end\n', stdoutBytes, outputOmitted: stdoutBytes - 2000 })
    expect(result.stdout).toHaveLength(2000)
    expect(result.stdout).toMatch(/^begin\ny\n[^]*\ny\nthe real error\n$/)
  })

  test.each([
    [1000, 1000],
    [1001, 1001],
    [1999, 1999],
    [2000, 2000],
    [2001, 2000],
    [2500, 2000],
    [3001, 2000],
    [70_001, 2000],
  ])('of %i bytes under a limit of 1000, %i arrive: the first, and the last', async (written, arrive) => {
    const text = numbers(written)
    const result = await sh(
      box.guest,
      `i=0; while [ $i -lt ${written} ]; do echo $i; i=$((i+1)); done | head -c ${written} >&2`,
      {
        outputLimit: 1000,
        record: false,
      },
    )
    expect(result).toMatchObject({ stderrBytes: written, outputOmitted: written - arrive })
    expect(result.stderr).toBe(arrive === written ? text : text.slice(0, 1000) + text.slice(-1000))
  })

  test('the end is a mebibyte at most, and both streams have one', async () => {
    const script = 'yes o | head -c 9000000; echo last; (yes e | head -c 9000000; echo worst) >&2'
    const result = await sh(box.guest, script, { outputLimit: 2 << 20 })
    expect([result.stdout.length, result.stderr.length]).toEqual([3 << 20, 3 << 20])
    expect([result.stdout.slice(-5), result.stderr.slice(-6)]).toEqual(['last\n', 'worst\n'])
    expect(result.outputOmitted).toBe(result.stdoutBytes + result.stderrBytes - 2 * (3 << 20))
  })

  test('a command that is killed leaves the end of what it wrote', async () => {
    const script = 'yes | head -c 3000; echo the last words; echo now >&2; exec sleep 1000'
    const [kill, written] = [new AbortController(), [] as Uint8Array[]]
    const command = {
      step: 1,
      argv: ['sh', '-c', script],
      env: ENV,
      cwd: '/workspace',
      outputLimit: 1000,
      record: false,
    }
    const sink = {
      output: (stream: 'stdout' | 'stderr', bytes: Uint8Array) =>
        stream === 'stderr' ? kill.abort() : void written.push(bytes),
      reports: () => {},
    }
    const result = await box.guest.run(command, sink, kill.signal)
    expect(result).toMatchObject({ code: null, signal: 9, stdoutBytes: 3015, outputOmitted: 1015 })
    expect(Buffer.concat(written).toString().slice(-19)).toBe('y\ny\nthe last words\n')
  })

  test('an endless command ends when it is aborted, with all its processes on the record', async () => {
    const result = await sh(box.guest, 'yes & sleep 1000 & yes >&2', {
      signal: AbortSignal.timeout(300),
      outputLimit: 100,
    })
    expect(result).toMatchObject({ code: null, signal: 9 })
    for (const { pid } of started(result.reports)) expect(exitOf(result.reports, pid).signal).toBe(9)
    expect(isInOrder(result.reports)).toBe(true)
    expect((await sh(box.guest, 'echo next')).stdout).toBe('next\n')
  })

  test('a step that is aborted before it starts does not run on', async () => {
    expect(await run(box.guest, ['sleep', '1000'], { signal: AbortSignal.abort() })).toMatchObject({
      code: null,
      signal: 9,
    })
  })

  test('a fork bomb ends when it is aborted', async () => {
    const result = await sh(box.guest, 'ulimit -u 60; b() { b | b & }; b; sleep 1000', {
      signal: AbortSignal.timeout(500),
    })
    expect(isInOrder(result.reports)).toBe(true)
    expect((await sh(box.guest, 'echo next')).stdout).toBe('next\n')
  }, 30_000)

  test('a sink that is slow slows the step, and nothing is lost', async () => {
    const reports: GuestReport[] = []
    let bytes = 0
    const command = {
      step: 1,
      argv: ['sh', '-c', 'i=0; while [ $i -lt 200 ]; do : > slow-$i; /bin/echo $i; i=$((i+1)); done'],
      env: ENV,
      cwd: '/workspace',
      outputLimit: 1 << 20,
      record: true,
    }
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 2))
    await box.guest.run(
      command,
      {
        output: (_stream, chunk) => {
          bytes += chunk.length
          return pause()
        },
        reports: (batch) => {
          reports.push(...batch)
          return pause()
        },
      },
      new AbortController().signal,
    )
    expect(bytes).toBe([...Array(200).keys()].join('\n').length + 1)
    expect(argvs(reports).filter(([name]) => name === '/bin/echo')).toHaveLength(200)
  })

  test('without the recorder a step leaves no reports, and the coverage says so', async () => {
    const { reports, stdout } = await sh(box.guest, 'echo unseen', { record: false })
    expect({ reports, stdout }).toEqual({ reports: [], stdout: 'unseen\n' })
    expect((await box.guest.coverage()).complete).toBe(false)
  })
})

/** The first bytes of 0, 1, 2, … with a line each. */
function numbers(bytes: number): string {
  let text = ''
  for (let at = 0; text.length < bytes; at++) text += `${at}\n`
  return text.slice(0, bytes)
}
