// Output on a terminal: only our own colours, and no control sequences from a run (invariant 12).
import { expect, test } from 'vitest'
import { ADVISORIES, CONTROLS, HOSTILE, RUN, sampleChange } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'

const terminals = sampleTerminals()

test('uses colours only on terminals without NO_COLOR', async () => {
  const escape = '\u001b['
  expect((await (await terminals.openWithChange({ tty: true })).type('change', 'diff', 'latest')).stdout).toContain(
    `${escape}32m+  "lodash"`,
  )
  expect(
    (await (await terminals.openWithChange({ tty: true, env: { NO_COLOR: '1' } })).type('change', 'diff', 'latest'))
      .stdout,
  ).not.toContain(escape)
  expect((await (await terminals.openWithChange()).type('runs', 'show', 'latest')).stdout).not.toContain(escape)
  expect(
    (await (await terminals.openWithChange({ tty: true })).type('runs', 'show', 'latest', '--json')).stdout,
  ).not.toContain(escape)
})

test('hostile names, titles, arguments and diffs reach a terminal as harmless text', async () => {
  const terminal = await terminals.open({ tty: true, env: { NO_COLOR: '1', TERM: 'dumb' } })
  const { instance, type } = terminal
  instance.onQueued = async (run) => await instance.finish(run.id, 'succeeded')
  await instance.addRun({
    id: RUN,
    status: 'failed',
    task: 'x',
    reason: HOSTILE,
    repository: HOSTILE,
    finishedAt: 2,
    startedAt: 1,
  })
  await instance.emit(RUN, 'process.started', {
    pid: 2,
    parent: 1,
    step: 0,
    origin: 'exec',
    argv: [HOSTILE],
    argvOmitted: 0,
    cwd: HOSTILE,
    executable: HOSTILE,
    executableDigest: null,
  })
  await instance.emit(RUN, 'net.requested', {
    method: HOSTILE,
    url: HOSTILE,
    service: 'egress',
    status: 403,
    requestBytes: 0,
    responseBytes: 0,
    decision: { allowed: false, reasons: [HOSTILE] },
    note: HOSTILE,
  })
  await instance.emit(RUN, 'platform.failed', { detail: HOSTILE })
  await instance.addAdvisories(RUN, {
    ...ADVISORIES,
    packages: [{ name: HOSTILE, from: HOSTILE, to: HOSTILE, places: [] }],
    after: [
      {
        id: HOSTILE,
        aliases: [HOSTILE],
        ecosystem: 'npm',
        package: HOSTILE,
        version: HOSTILE,
        severity: HOSTILE,
        title: HOSTILE,
        fixed: [],
      },
    ],
  })
  await instance.addArtifact(RUN, HOSTILE, new Uint8Array())
  await instance.addChange(
    sampleChange({
      title: HOSTILE,
      body: HOSTILE,
      branch: HOSTILE,
      target: HOSTILE,
      protectedPaths: [HOSTILE, { base64: 'G1sybA==' }],
      findings: [HOSTILE],
      checks: [{ name: HOSTILE, passed: false, detail: HOSTILE }],
    }),
    `diff --git a/${HOSTILE} b/${HOSTILE}\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+${HOSTILE}\n`,
  )
  for (const args of [
    ['runs'],
    ['runs', 'show', 'latest'],
    ['trace', 'latest'],
    ['trace', 'latest', '--all'],
    ['artifact', 'latest'],
    ['change'],
    ['change', 'show', 'latest'],
    ['change', 'diff', 'latest'],
    ['change', 'merge', 'latest'],
    ['runs', 'show', 'latest', '--json'],
    ['trace', 'latest', '--json'],
    ['change', 'show', 'latest', '--json'],
    ['task', 'show', HOSTILE],
    ['output', 'latest', HOSTILE],
    ['run', HOSTILE, '--repo', HOSTILE, '--input', HOSTILE],
    [HOSTILE],
    ['runs', `--${HOSTILE}`],
    ['runs', '--as', HOSTILE],
    ['task', 'check', HOSTILE],
  ]) {
    const { stdout, stderr } = await type(...args)
    expect(stdout + stderr, args.join(' ')).not.toMatch(CONTROLS)
    expect(stdout + stderr).not.toBe('')
  }
})
