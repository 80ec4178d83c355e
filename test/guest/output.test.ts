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

  test('what is over the limit is counted, and the command still runs to its end', async () => {
    const result = await sh(box.guest, 'yes | head -c 5000000; echo end >&2', { outputLimit: 1000 })
    expect(result).toMatchObject({ code: 0, stderr: 'end\n', stdoutBytes: 5_000_000, outputOmitted: 4_999_000 })
    expect(result.stdout).toHaveLength(1000)
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
