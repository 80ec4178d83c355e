// Edge cases of each rule.
import { describe, expect, test } from 'vitest'
import { files, look, OPTIONS, processes, REPO, verdicts } from './read-story.ts'
import { saidDid, shortened } from './said-did.ts'
import { AGENT, story } from './story.ts'

test('an unannounced program that reads an announced file: the access belongs to the call, the program does not', () => {
  const step = look(
    story()
      .begin()
      .session()
      .call('a', 'read', { paths: ['a.js'] })
      .starts(12, AGENT, 'cat', 'a.js')
      .files(12, { read: [`${REPO}/a.js`, `${REPO}/.env`], written: [`${REPO}/a.js`] })
      .exit(12)
      .done('a')
      .starts(13, AGENT, 'cat', 'a.js')
      .files(13, { read: [`${REPO}/a.js`] })
      .exit(13),
  )
  expect(processes(step)).toMatchObject({ '12 cat a.js': 'unannounced none', '13 cat a.js': 'unannounced none' })
  expect(
    step.files.flatMap(({ pid, by, accesses }) => accesses.map((each) => [pid, each.kind, each.path, by.class])),
  ).toEqual([
    [12, 'read', `${REPO}/a.js`, 'call'],
    [12, 'read', `${REPO}/.env`, 'unannounced'],
    [12, 'written', `${REPO}/a.js`, 'unannounced'],
    [13, 'read', `${REPO}/a.js`, 'unannounced'],
  ])
  expect(verdicts(step)).toEqual(['seen'])
})

describe('an action recorded just before an announcement', () => {
  test('is a tie, unless the announced command or path decides', () => {
    const step = look(
      story()
        .begin()
        .session()
        .files(AGENT, { read: [`${REPO}/a.js`, `${REPO}/b.js`] })
        .starts(12, AGENT, 'rg', 'x')
        .call('a', 'search', { title: 'x' })
        .done('a')
        .starts(13, AGENT, 'sh', '-c', 'make')
        .files(AGENT, { read: [`${REPO}/b.js`] })
        .call('b', 'execute', { command: 'make' })
        .done('b')
        .files(AGENT, { read: [`${REPO}/c.js`] })
        .call('c', 'read', { paths: ['c.js'] })
        .done('c'),
    )
    expect(processes(step)).toMatchObject({ '12 rg x': 'tie 0 or none opening', '13 sh -c make': 'call 1 command' })
    expect(files(step)).toEqual({
      [`10 read ${REPO}/a.js`]: 'tie 0 or none opening',
      [`10 read ${REPO}/b.js`]: 'unannounced none',
      [`10 read ${REPO}/c.js`]: 'call 2 path',
    })
    expect(verdicts(step)).toEqual(['tied', 'seen', 'seen'])
  })

  test('does not belong to a call that waited for permission', () => {
    const step = look(
      story()
        .begin()
        .session()
        .starts(12, AGENT, 'rg', 'x')
        .call('a', 'search', { title: 'x' })
        .starts(13, AGENT, 'rg', 'y')
        .asked('a', { tool: 'search' })
        .decided('a', 'allowed')
        .starts(14, AGENT, 'rg', 'z')
        .done('a'),
    )
    expect(processes(step)).toMatchObject({
      '12 rg x': 'unannounced none',
      '13 rg y': 'unannounced none',
      '14 rg z': 'call 0 window',
    })
  })
})

describe('permission', () => {
  test('a denied call without command, path and observed actions gets the verdict `denied`', () => {
    const told = story().begin().session().call('a', 'execute', { title: 'touch x' })
    const step = look(told.asked('a', { tool: 'execute' }).decided('a', 'denied').done('a'))
    expect(verdicts(step)).toEqual(['denied'])
  })

  test('a denied call with a command and without observed actions gets the verdict `denied`', () => {
    const step = look(
      story()
        .begin()
        .session()
        .call('a', 'execute', { command: 'rm -rf .' })
        .asked('a', { command: 'rm -rf .' })
        .decided('a', 'denied')
        .done('a', 'failed'),
    )
    expect(step.calls[0]).toMatchObject({ verdict: 'denied', permission: 'denied' })
  })

  test('actions before the answer or despite a denial give the verdict `without-permission`', () => {
    const step = look(
      story()
        .begin()
        .session()
        .asked('a', { command: 'make' })
        .starts(12, AGENT, 'sh', '-c', 'make')
        .decided('a', 'allowed')
        .done('a')
        .call('b', 'edit', { paths: ['b.js'] })
        .asked('b', { tool: 'edit', paths: ['b.js'] })
        .files(AGENT, { read: [`${REPO}/b.js`] })
        .decided('b', 'denied')
        .files(AGENT, { written: [`${REPO}/b.js`] })
        .done('b', 'failed')
        .call('c', 'edit', { paths: ['c.js'] })
        .asked('c', { tool: 'edit', paths: ['c.js'] })
        .files(AGENT, { read: [`${REPO}/c.js`] })
        .decided('c', 'allowed')
        .files(AGENT, { written: [`${REPO}/c.js`] })
        .done('c'),
    )
    expect(processes(step)['12 sh -c make']).toBe('call 0 early command')
    expect(files(step)).toEqual({
      [`10 read ${REPO}/b.js`]: 'call 1 path',
      [`10 written ${REPO}/b.js`]: 'call 1 early path',
      [`10 read ${REPO}/c.js`]: 'call 2 path',
      [`10 written ${REPO}/c.js`]: 'call 2 path',
    })
    expect(verdicts(step)).toEqual(['without-permission', 'without-permission', 'seen'])
  })
})

test.each([
  [
    ['zsh', '-c', '-l', `source /h/snap.sh && eval 'npm test' \\< /dev/null && pwd -P >| /tmp/cwd`],
    'npm test',
    'script',
  ],
  [['bash', '-o', 'pipefail', '-c', 'a | b'], 'a | b', 'command'],
  [['bash', '-lc', '  a | b\n'], 'a | b', 'command'],
  [['/usr/bin/git', 'status'], 'git status', 'command'],
  [['/bin/sh', './run.sh', 'x'], './run.sh x', 'command'],
  [['/bin/sh', '-e', '/w/run.sh', 'x'], 'run.sh x', 'command'],
  [['bash', '-c', 'npm', 'test'], 'npm test', null],
  [['sh', '-c', 'false'], 'ls', null],
  [['sh'], '', null],
])('the program %j against the announced command %j gives %s', (argv, command, rule) => {
  const step = look(
    story()
      .begin()
      .session()
      .call('a', 'execute', { command })
      .starts(12, AGENT, ...argv),
  )
  const by = step.processes.at(-1)?.by
  expect(by?.class === 'call' ? by.rule : null).toBe(rule)
})

test('a fork that is reported after its children is still their parent; a reused pid is not', () => {
  const step = look(
    story()
      .begin()
      .session()
      .call('a', 'execute', { command: 'make' })
      .starts(12, AGENT, 'sh', '-c', 'make')
      .starts(14, 13, 'cc')
      .fork(13, 12, 'sh', '-c', 'make')
      .exit(14)
      .exit(13)
      .exit(12)
      .done('a')
      .starts(13, AGENT, 'curl')
      .starts(15, 13, 'late'),
  )
  expect(processes(step)).toMatchObject({
    '14 cc': 'call 0 under',
    '13 sh -c make': 'call 0 under',
    '13 curl': 'unannounced none',
    '15 late': 'unannounced none',
  })
})

test('lists paths that are not text and files of unreported processes as unannounced', () => {
  const path = { base64: '/w==' }
  const step = look(
    story()
      .begin()
      .session()
      .call('a', 'read', { paths: ['x'] })
      .files(77, { read: [path] }),
  )
  expect(files(step)).toEqual({ '77 read \u0000/w==': 'unannounced process' })
})

test('all actions of an agent whose session never opened have class `start`', () => {
  const told = story().begin().starts(12, AGENT, 'git', '--version').request('https://x.example/')
  const step = look(told)
  expect(step).toMatchObject({ agent: null, totals: { start: { processes: 2, files: 0, requests: 1 } } })
})

test('shortens long lists and counts the omitted rows', () => {
  const told = story().begin().session()
  for (let at = 0; at < 10; at++) told.starts(20 + at, AGENT, 'x')
  told.files(AGENT, { read: Array.from({ length: 500 }, (_, at) => `${REPO}/${at}`) })
  const [step] = shortened(saidDid(told.end().events, OPTIONS), 4).steps
  expect(step?.processes).toHaveLength(5)
  expect(step?.omitted.unannounced).toEqual({ processes: 6, files: 0, requests: 0 })
  expect(step?.totals.unannounced).toEqual({ processes: 10, files: 500, requests: 0 })
  expect([step?.files[0]?.accesses.length, step?.files[0]?.omitted]).toEqual([200, 300])
})
