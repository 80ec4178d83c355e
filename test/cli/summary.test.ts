// The summary at the end of a run: no more than a screen, and its last line is the verdict.
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/domain/event.ts'
import type { Run } from '../../src/domain/run.ts'
import { ADVISORIES, CHANGE, DIFF, RUN, sampleChange } from './samples.ts'
import { sampleTerminals, START } from './sample-terminals.ts'
import type { Terminal } from './terminal.ts'

const terminals = sampleTerminals()

const [RUN_END, CHANGE_END] = [RUN.slice(-8), CHANGE.slice(-8)]

test.each([
  [{ requester: { id: 'user:bob' } }, `✓ tests pass · waiting for approval: glovebox change approve ${CHANGE_END}`],
  [
    { requester: { id: 'user:alice' } },
    `✓ tests pass · waiting for the approval of another person: glovebox change approve ${CHANGE_END}`,
  ],
  [
    { requester: { id: 'user:bob' }, checks: [{ name: 'tests', passed: false, detail: 'the step failed' }] },
    `✓ checks failed: tests · its gate is closed: glovebox change show ${CHANGE_END}`,
  ],
])('the verdict on a change %o is "%s"', async (fields, verdict) => {
  const terminal = await terminals.open()
  await terminal.instance.addRun({ id: RUN, status: 'succeeded', mode: 'write' })
  const checks = [{ name: 'tests', passed: true, detail: 'the step succeeded' }]
  await terminal.instance.addChange(sampleChange({ checks, ...fields }), DIFF)
  expect(await verdictOf(terminal)).toBe(verdict)
})

test('the verdict follows a change to its merge', async () => {
  const terminal = await terminals.openWithChange({}, { requester: { id: 'user:bob' } })
  const { type } = terminal
  await type('change', 'approve', 'latest')
  expect(await verdictOf(terminal)).toContain(`approved: glovebox change merge ${CHANGE_END}`)
  expect((await type('change', 'merge', CHANGE_END)).code).toBe(0)
  expect(await verdictOf(terminal)).toContain('change merged as ')
})

test.each<[Partial<Run>, string]>([
  [{ status: 'queued' }, '… waiting for a worker'],
  [{ status: 'succeeded', mode: 'write' }, '✓ succeeded · nothing to propose'],
  [{ status: 'failed', reason: 'wall time limit 5 min' }, '✗ failed: wall time limit 5 min'],
  [{ status: 'refused', reason: 'no policy permits it' }, '✗ refused: no policy permits it'],
  [{ status: 'cancelled', reason: 'cancelled by user:bob' }, '✗ cancelled by user:bob'],
  [{ status: 'interrupted', reason: 'Glovebox ended' }, '✗ interrupted: Glovebox ended'],
  [{ status: 'error', reason: 'the disk is full' }, '✗ ended by an error of the platform: the disk is full'],
  [{ status: 'invalid', reason: 'there is no task x' }, '✗ invalid: there is no task x'],
])('the verdict on a run %o is "%s"', async (fields, verdict) => {
  const terminal = await terminals.open()
  await terminal.instance.addRun({ id: RUN, ...fields })
  expect(await verdictOf(terminal)).toBe(verdict)
})

test('the verdict counts the advisories and names the one artifact of a report', async () => {
  const terminal = await terminals.open()
  const { instance } = terminal
  await instance.addRun({ id: RUN, status: 'succeeded', mode: 'read-only' })
  await instance.addAdvisories(RUN, ADVISORIES)
  await instance.addArtifact(RUN, 'report.md', new Uint8Array())
  expect(await verdictOf(terminal)).toBe(`✓ 2 advisories → 0 · read the result: glovebox artifact ${RUN_END} report.md`)
})

test('a run at work shows which step of how many, and the refusals so far', async () => {
  const terminal = await terminals.open()
  const { instance } = terminal
  await instance.addRun({ id: RUN, status: 'running' })
  await instance.emit(RUN, 'run.planned', planned(10))
  await instance.emit(RUN, 'net.requested', refusedRequest(1))
  await instance.emit(RUN, 'step.started', started(3, 'install'))
  expect(await verdictOf(terminal)).toBe('… running step `install` (4 of 10) · 1 refused')
})

test('a failed step shows its last 15 lines, standard error first to be kept, and the command for all of them', async () => {
  const terminal = await terminals.open()
  const { instance } = terminal
  instance.onQueued = async (run) => {
    const lines = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name} ${at + 1}`)
    const stdout = Buffer.from(`\u001b[31m${lines('out', 40).join('\n')}\n\n`)
    const stderr = Buffer.from(lines('err', 5).join('\n'))
    await instance.addOutput(run.id, 1, { stdout, stderr }, { name: 'tests', outcome: 'failed', code: 127 })
    await instance.finish(run.id, 'failed')
  }
  const { code, stdout } = await terminal.type(...START)
  expect(code).toBe(1)
  expect(stdout.match(/\| \w+ \d+$/gm)).toEqual([
    ...Array.from({ length: 10 }, (_, at) => `| out ${at + 31}`),
    ...Array.from({ length: 5 }, (_, at) => `| err ${at + 1}`),
  ])
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^✗ failed.* · glovebox output [0-9a-z]{8} 1$/)
})

test('a summary has at most 24 lines above its verdict on a screen of 100 columns, and counts all refusals', async () => {
  const terminal = await terminals.open({ tty: true, env: { NO_COLOR: '1' } })
  const { instance } = terminal
  instance.onQueued = async (run) => {
    await instance.emit(run.id, 'run.planned', { ...planned(12), notes: ['a', 'b', 'c', 'd', 'e'] })
    for (let step = 0; step < 12; step++)
      await instance.addOutput(run.id, step, { stdout: Buffer.from('x'), stderr: new Uint8Array() })
    for (let count = 0; count < 300; count++) await instance.emit(run.id, 'net.requested', refusedRequest(count))
    const packages = Array.from({ length: 40 }, (_, at) => ({
      ...ADVISORIES.before[0]!,
      package: `p${at}`,
      id: `G-${at}`,
    }))
    await instance.addAdvisories(run.id, { ...ADVISORIES, before: packages })
    await instance.addChange(sampleChange({ run: run.id, requester: { id: 'user:bob' } }), DIFF)
    await instance.finish(run.id, 'succeeded')
  }
  const { stdout } = await terminal.type(...START)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.slice(0, -1).filter((line) => line.length > 100)).toEqual([])
  expect(lines.length - 1).toBeLessThanOrEqual(25)
  expect(stdout).toMatch(/^Refused: 300 actions\n {2}GET .*\n {2}and 299 others: /m)
  expect(stdout).toContain('Advisories: 40 before, 0 after')
  expect(stdout).toMatch(/^ {2}(and )?\d+ (more )?packages$/m)
  expect(lines.at(-1)).toMatch(/^✓ 40 advisories → 0 · 300 refused · waiting for approval: /)
})

async function verdictOf({ type }: Terminal): Promise<string | undefined> {
  return (await type('runs', 'show', RUN_END)).stdout.trimEnd().split('\n').at(-1)
}

function planned(steps: number): EventBody<'run.planned'> {
  const digest = `sha256:${'0'.repeat(64)}` as const
  return {
    plan: digest,
    commit: 'a'.repeat(40),
    target: 'main',
    task: 'fix-vulnerabilities',
    taskSource: 'built-in',
    taskText: digest,
    mode: 'write',
    sandbox: 'fake',
    toolchain: {},
    notes: [],
    steps,
    policyDigest: digest,
    policySet: digest,
  }
}

function started(step: number, name: string): EventBody<'step.started'> {
  return { step, name, argv: ['true'], argvOmitted: 0, workingDirectory: '/' }
}

function refusedRequest(count: number): EventBody<'net.requested'> {
  return {
    method: 'GET',
    url: `https://evil.example/${count}`,
    service: 'egress',
    status: 403,
    requestBytes: 0,
    responseBytes: 0,
    decision: { allowed: false, reasons: [] },
  }
}
