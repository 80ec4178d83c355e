// The commands that show results of runs and decide on changes.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHANGE, CONTROLS, DIFF, HOSTILE, RUN } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'

const terminals = sampleTerminals()

test('runs lists, shows and cancels', async () => {
  const { type, instance } = await terminals.openWithChange()
  expect((await type('runs')).stdout).toMatch(
    new RegExp(`^RUN .*\n${RUN.slice(-8)}  succeeded  2026-01-02 03:04:05 UTC  1.5 s `),
  )
  expect(JSON.parse((await type('runs', 'list', '--json', '--status', 'failed')).stdout)).toEqual([])
  expect((await type('runs', 'show', 'latest')).stdout).toContain('Files changed')
  expect(JSON.parse((await type('runs', 'show', '0123', '--json')).stdout)).toMatchObject({
    run: { id: RUN },
    change: { id: CHANGE },
    steps: [{ name: 'audit' }],
  })
  expect(await type('runs', 'cancel', 'latest')).toMatchObject({ code: 2 })
  await instance.addRun({ id: '2'.repeat(20) })
  expect(await type('runs', 'cancel', '2222')).toMatchObject({
    code: 0,
    stdout: `Run ${'2'.repeat(20)} was asked to stop.\n`,
  })
})

test('trace groups events by steps, and prints one line per event with --all, or JSON Lines with --json', async () => {
  const { type } = await terminals.openWithChange()
  expect((await type('trace', 'latest')).stdout).toMatch(/^ +1 .*\n\nStep #0 audit\n +2 .*\n +3 /)
  const text = (await type('trace', 'latest', '--all')).stdout
  expect(text.trimEnd().split('\n')).toHaveLength(7)
  expect(text).toContain('npm audit --json')
  const count = async (...more: string[]) => (await type('trace', RUN, ...more)).stdout.split('\n').length - 1
  expect(await count('--kind', 'net')).toBe(2)
  expect(await count('--kind', 'net', 'process')).toBe(3)
  expect(await count('--kind', 'net', '--limit', '1')).toBe(1)
  expect(await count('--grep', 'evil.example')).toBe(2)
  expect(await count('--step', 'audit', '--all')).toBe(await count('--kind', 'step', 'process', 'file', 'net'))
  expect(await count('--step', 'audit', '--kind', 'file')).toBe(1)
  expect(await count('--step', 'tests')).toBe(0)
  const lines = (await type('trace', RUN, '--json', '--kind', 'net.requested', 'step.finished')).stdout
    .trimEnd()
    .split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
    'net.requested',
    'net.requested',
    'step.finished',
  ])
})

test('trace --follow of a finished run ends and includes later events', async () => {
  const { type, instance } = await terminals.open()
  await instance.addRun({ id: RUN })
  await instance.finish(RUN, 'succeeded')
  await instance.emit(RUN, 'change.merged', { change: CHANGE, target: 'main', commit: 'b'.repeat(40), kind: 'merge' })
  expect((await type('trace', 'latest', '--follow')).stdout).toContain('change.merged')
})

test('output prints a step’s bytes, chosen by number or name, unchanged to a pipe and escaped to a terminal', async () => {
  const bytes = new TextEncoder().encode(`${HOSTILE}\nnext\tline\n`)
  for (const tty of [false, true]) {
    const { type, instance } = await terminals.openWithChange({ tty })
    const { id } = await instance.addRun({ createdAt: Date.now() })
    await instance.emit(id, 'step.started', {
      step: 0,
      name: 'audit',
      argv: ['sh'],
      argvOmitted: 0,
      workingDirectory: '.',
    })
    await instance.addOutput(id, 0, { stdout: bytes, stderr: new TextEncoder().encode('oh') })
    for (const step of ['0', 'audit']) {
      const answer = await type('output', 'latest', step)
      expect(answer.stderr).toBe('')
      if (tty) {
        expect(answer.stdout).not.toMatch(CONTROLS)
        expect(answer.stdout).toContain('\nnext\tline\n')
      } else expect(Buffer.from(answer.bytes).toString('latin1')).toBe(Buffer.from(bytes).toString('latin1'))
    }
    expect((await type('output', 'latest', 'audit', '--stderr')).stdout).toBe('oh')
    expect((await type('output', 'latest', 'nope')).code).toBe(2)
    expect((await type('output', 'latest', '9')).code).toBe(2)
  }
})

test('artifact lists the artifacts and prints one', async () => {
  const { type, instance } = await terminals.openWithChange()
  await instance.addArtifact(RUN, 'report.md', new TextEncoder().encode('# hi\n'))
  expect((await type('artifact', 'latest')).stdout).toContain('report.md  5 B')
  expect((await type('artifact', 'latest', 'report.md')).stdout).toBe('# hi\n')
  expect((await type('artifact', 'latest', '../x')).code).toBe(2)
})

test('change goes from diff to approval to merge, and the gate refuses before', async () => {
  const { type } = await terminals.openWithChange({}, { requester: { id: 'user:bob' } })
  expect((await type('change')).stdout).toContain(`\n${CHANGE.slice(-8)} `)
  expect((await type('change', 'show', 'latest')).stdout).toMatch(/Checks\n {2}passed {2}test {2}exit 0/)
  expect((await type('change', 'diff', CHANGE)).stdout).toBe(DIFF)
  const refused = await type('change', 'merge', CHANGE)
  expect(refused).toMatchObject({ code: 3, stdout: '' })
  expect(refused.stderr).toContain('approved: needs the approval of a person')
  expect((await type('change', 'approve', CHANGE, '--reason', 'read it')).stdout).toContain(
    'Gate: open, it can be merged',
  )
  expect((await type('change', 'show', CHANGE)).stdout).toContain('approved by user:alice for bbbbbbbbbbbb: read it')
  expect(JSON.parse((await type('change', 'merge', CHANGE, '--json')).stdout)).toMatchObject({
    change: { status: 'merged' },
  })
})

test('the requester of a run learns that another person must approve, before and after trying', async () => {
  const { type } = await terminals.openWithChange()
  const shown = (await type('change', 'show', 'latest')).stdout
  expect(shown).toContain('user:alice requested this run, so another person must approve its change')
  expect(shown).not.toContain('change approve')
  const tried = await type('change', 'approve', 'latest')
  expect(tried).toMatchObject({ code: 3, stdout: '' })
  expect(tried.stderr).toContain('another person must approve its change; if you work alone, see docs/policies.md#solo')
})

test('change reject records a decision', async () => {
  expect(
    (await (await terminals.openWithChange()).type('change', 'reject', 'latest', '--reason', 'no')).stdout,
  ).toContain('rejected')
})

test('task and policy list, show and check', async () => {
  const { type } = await terminals.open()
  expect((await type('task')).stdout).toContain('fix-vulnerabilities  write')
  expect((await type('task', 'show', 'fix-vulnerabilities')).stdout).toMatch(/^name: fix-vulnerabilities\n/)
  expect((await type('task', 'show', 'nope')).code).toBe(2)
  expect((await type('policy')).stdout).toMatch(/people-run +in force +people\.cedar/)
  const bad = { task: 'bad: 1\n', policy: 'permit (principal, action, resource) when { bad };\n' }
  const good = {
    task: 'name: a\ndescription: d\nmode: write\nsteps: [{ run: "true" }]\n',
    policy: '@id("a") permit (principal, action, resource);\n',
  }
  await writeFile(join(terminals.folder, 'c.yaml'), Buffer.from([0xff, 0xfe]))
  for (const what of ['task', 'policy'] as const) {
    await writeFile(join(terminals.folder, 'a.yaml'), bad[what])
    await writeFile(join(terminals.folder, 'b.yaml'), good[what])
    expect(await type(what, 'check', 'a.yaml')).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^a\.yaml:1:\d+: .*bad/m),
    })
    expect(await type(what, 'check', 'b.yaml')).toMatchObject({ code: 0, stdout: 'b.yaml is valid.\n' })
    for (const name of ['c.yaml', 'missing.yaml', '.', '/dev/zero'])
      expect((await type(what, 'check', name)).code).toBe(2)
  }
})

test('doctor names missing things and their cures, with exit code 4', async () => {
  const { type, instance } = await terminals.open()
  instance.probes = [{ name: 'git', found: true, detail: 'git 2.39', cure: null }]
  expect(await type('doctor')).toMatchObject({ code: 0, stdout: 'ok  git  git 2.39\nThis machine has everything.\n' })
  instance.probes.push({ name: 'bubblewrap', found: false, detail: 'not found', cure: 'npm run setup' })
  expect(await type('doctor')).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('missing  bubblewrap  not found -> npm run setup'),
  })
  expect((await type('doctor')).stdout).toMatch(/\nMissing: bubblewrap\.\n$/)
  expect(JSON.parse((await type('doctor', '--json')).stdout)).toMatchObject({ healthy: false })
})

test('doctor names weak limits with their cures, and does not say that everything is there', async () => {
  const { type, instance } = await terminals.open()
  instance.probes = [
    { name: 'limit: memory', found: true, weak: true, detail: 'bounds each process alone', cure: 'run it as root' },
  ]
  expect(await type('doctor')).toMatchObject({
    code: 0,
    stdout:
      'weak  limit: memory  bounds each process alone -> run it as root\n' +
      'Runs work on this machine, but not everything is there. Weak: limit: memory.\n',
  })
})
