// `glovebox run`: its requests, its output, and its exit codes.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ADVISORIES, CHANGE, emitSampleRun, RUN } from './samples.ts'
import { sampleTerminals, START } from './sample-terminals.ts'

const terminals = sampleTerminals()
const CHANGE_END = CHANGE.slice(-8)

test('run --json prints one object with the run, its change, its counts and its advisories; progress goes to stderr', async () => {
  const { type } = await terminals.openWorking('succeeded')
  const { code, stdout, stderr } = await type(...START, '--json')
  expect(code).toBe(0)
  expect(stdout.match(/\n/g)).toHaveLength(1)
  expect(JSON.parse(stdout)).toMatchObject({
    run: { status: 'succeeded', repository: join(terminals.folder, 'storefront'), requester: { id: 'user:alice' } },
    change: {
      id: CHANGE,
      status: 'open',
      branch: `glovebox/fix-vulnerabilities/${RUN}`,
      commit: 'b'.repeat(40),
      files: 1,
      insertions: 1,
      deletions: 1,
    },
    trace: { events: expect.any(Number), processes: 1, filesRead: 1, filesWritten: 1, requests: 2, denied: 0 },
    advisories: { before: ['GHSA-jf85-cpcp-j695', 'GHSA-vh95-rmgr-6w4m'], after: [] },
  })
  expect(stderr).toMatch(
    /\nworking\nstep #0: audit\nrefused GET https:\/\/evil.example\/steal: no policy permits it\nstep #0: audit succeeded after 812 ms\nrun succeeded after 1.5 s\n$/,
  )
})

test('run --json omits advisories when the task reports none, and prints null without a change', async () => {
  const { type, instance } = await terminals.open()
  instance.onQueued = async (run) => await instance.finish(run.id, 'succeeded')
  const json = JSON.parse((await type(...START, '--json')).stdout) as object
  expect(json).toMatchObject({ change: null })
  expect(json).not.toHaveProperty('advisories')
})

test.each([
  ['succeeded', 0],
  ['failed', 1],
  ['refused', 3],
  ['error', 4],
] as const)('a run that ended as %s is exit code %i', async (status, code) => {
  expect((await (await terminals.openWorking(status)).type(...START)).code).toBe(code)
})

test('run shows a person the result, advisories, packages, steps, files, refusals, the change, and the next commands', async () => {
  const { stdout } = await (await terminals.openWorking('succeeded')).type(...START, '--data', terminals.folder)
  for (const text of [
    ' of fix-vulnerabilities (',
    'Advisories: 2 before, 0 after; other packages: 1 added',
    'gone  critical  GHSA-jf85-cpcp-j695  lodash 4.17.11 -> 4.17.21',
    'Steps: 1 of 1 succeeded\n  audit 812 ms\n',
    'Files changed: package-lock.json +1 -1\n',
    'Refused: 2 actions\n  2 times GET https://evil.example/steal: no policy permits it',
    `Change ${CHANGE_END}: Fix known vulnerabilities`,
    `glovebox change diff ${CHANGE_END} --data ${terminals.folder}`,
    ` waiting for approval: glovebox change approve ${CHANGE_END} --data ${terminals.folder}\n`,
    `glovebox runs show `,
  ])
    expect(stdout).toContain(text)
})

test('runs show shows the rest: every advisory, all commands of steps, the gate', async () => {
  const terminal = await terminals.openWithChange()
  await terminal.instance.addAdvisories(RUN, ADVISORIES)
  const { stdout } = await terminal.type('runs', 'show', RUN.slice(-8), '--data', terminals.folder)
  for (const text of [
    `Run ${RUN} succeeded in 1.5 s`,
    'gone  critical  GHSA-jf85-cpcp-j695 CVE-2019-10744  lodash 4.17.11 -> 4.17.21',
    'CVE-2020-7598',
    'Packages: 1 changed, 1 added, 0 removed',
    '#0  succeeded  812 ms  audit  npm audit',
    '+1  -1  package-lock.json',
    'GET https://evil.example/steal (2 times): no policy permits it',
    `Change ${CHANGE} open: Fix known vulnerabilities`,
    'Gate: closed',
    'needs the approval of a person other than user:alice, who asked for the run',
    `glovebox change show ${CHANGE_END} --data ${terminals.folder}`,
    `glovebox trace ${RUN.slice(-8)} --data ${terminals.folder}`,
  ])
    expect(stdout).toContain(text)
})

test('run sends task, inputs, ref, mode, sandbox and an absolute folder of advisories', async () => {
  const { type, instance } = await terminals.open()
  const requests: unknown[] = []
  instance.onQueued = async (run) => {
    requests.push(await instance.requestOf(run))
    await instance.finish(run.id, 'succeeded')
  }
  await type(
    ...START,
    '--ref',
    'dev',
    '--input',
    'level=high',
    '--input',
    'note=a=b',
    '--mode',
    'read-only',
    '--sandbox',
    'fake',
    '--advisories',
    'osv',
  )
  await type('run', '--repo', 'https://git.example/org/repo.git', '--', 'npm', 'test', '--', '--json', '--data', 'x')
  await type('--data', terminals.folder, 'run', '--repo=/abs', '--', 'true')
  expect(requests).toEqual([
    {
      work: { kind: 'task', name: 'fix-vulnerabilities', inputs: { level: 'high', note: 'a=b' } },
      repository: join(terminals.folder, 'storefront'),
      ref: 'dev',
      mode: 'read-only',
      sandbox: 'fake',
      advisories: join(terminals.folder, 'osv'),
      agent: { name: null, connection: null, model: null },
      trigger: 'manual',
      idempotencyKey: expect.any(String),
      repeats: null,
      attempt: null,
    },
    {
      work: { kind: 'command', argv: ['npm', 'test', '--', '--json', '--data', 'x'], reach: [] },
      repository: 'https://git.example/org/repo.git',
      ref: null,
      mode: null,
      sandbox: null,
      advisories: null,
      agent: { name: null, connection: null, model: null },
      trigger: 'manual',
      idempotencyKey: expect.any(String),
      repeats: null,
      attempt: null,
    },
    {
      work: { kind: 'command', argv: ['true'], reach: [] },
      repository: '/abs',
      ref: null,
      mode: null,
      sandbox: null,
      advisories: null,
      agent: { name: null, connection: null, model: null },
      trigger: 'manual',
      idempotencyKey: expect.any(String),
      repeats: null,
      attempt: null,
    },
  ])
})

test('--as acts as a service on behalf of the person', async () => {
  const { type, instance } = await terminals.openWorking('succeeded')
  await type(...START, '--as', 'service:ci')
  expect(instance.asked.find(({ endpoint }) => endpoint === 'startRun')?.caller.actor).toEqual({
    id: 'service:ci',
    via: 'user:alice',
  })
})

test('an interrupt cancels the run, prints its summary and exits with 130', async () => {
  const terminal = await terminals.open()
  terminal.instance.onQueued = async (run) => {
    await emitSampleRun(terminal.instance, run.id)
    terminal.interrupt()
  }
  const { code, stdout, stderr } = await terminal.type(...START)
  expect(code).toBe(130)
  expect(stderr).toContain('Cancelling the run')
  expect(stdout).toContain('cancelled')
  expect(terminal.instance.asked.map(({ endpoint }) => endpoint)).toContain('cancelRun')
  expect(terminal.contexts.map((context) => context.disposed)).toEqual([true])
})

test('the live view shows the running command, escaped, and erases itself', async () => {
  const terminal = await terminals.open({ tty: true })
  const { instance } = terminal
  instance.onQueued = async (run) => {
    await instance.emit(run.id, 'stage.started', { stage: 'work' })
    await instance.emit(run.id, 'process.started', {
      pid: 2,
      parent: 1,
      step: 0,
      origin: 'exec',
      argv: ['npm', '\u001b]0;x\u0007'],
      argvOmitted: 0,
      cwd: '/',
      executable: '/',
      executableDigest: null,
    })
    setTimeout(() => void instance.finish(run.id, 'succeeded'), 400)
  }
  const { stderr } = await terminal.type(...START)
  expect(stderr).toContain(String.raw`npm '\x1b]0;x\x07'`)
  expect(stderr).not.toContain('\u001b]')
  expect(stderr.endsWith('\u001b[3A\u001b[0J')).toBe(true)
})
