// Actions of real agents outside their tool calls, and how they read files and announce calls.
import { describe, expect, test } from 'vitest'
import type { Habits } from './habits.ts'
import { files, look, processes, REPO, requests, verdicts } from './read-story.ts'
import { AGENT, story } from './story.ts'

const SCRIPT = 'umask > /home/glovebox/.a/state-77.sh'
const HABITS: Habits = {
  programs: [
    ['git', 'rev-parse', 'HEAD'],
    ['ps', '-p', /\d+/],
    ['/usr/bin/sh', '-c', (script) => script === SCRIPT],
  ],
  looks: ['.git'],
  refused: [/https:\/\/[^/]+\/plugin/],
}

describe('a known habit of an agent', () => {
  test('is upkeep if every word matches', () => {
    const step = look(
      story()
        .begin()
        .session()
        .starts(12, AGENT, 'git', 'rev-parse', 'HEAD')
        .files(12, { read: [`${REPO}/.git/HEAD`] })
        .starts(13, AGENT, 'ps', '-p', '1')
        .starts(14, AGENT, '/usr/bin/sh', '-c', SCRIPT)
        .starts(15, AGENT, 'git', 'rev-parse', 'HEAD', '-c', 'core.pager=sh')
        .starts(16, AGENT, 'ps', '-p', '1; id')
        .starts(17, AGENT, '/usr/bin/sh', '-c', `${SCRIPT}; id`)
        .files(AGENT, { read: [`${REPO}/.git/index`, `${REPO}/.env`], written: [`${REPO}/.git/config`] }),
      HABITS,
    )
    expect(processes(step)).toEqual({
      '10 node /agent/cli.js': 'start start',
      '12 git rev-parse HEAD': 'upkeep habit',
      '13 ps -p 1': 'upkeep habit',
      [`14 /usr/bin/sh -c ${SCRIPT}`]: 'upkeep habit',
      '15 git rev-parse HEAD -c core.pager=sh': 'unannounced none',
      '16 ps -p 1; id': 'unannounced none',
      [`17 /usr/bin/sh -c ${SCRIPT}; id`]: 'unannounced none',
    })
    expect(files(step)).toEqual({
      [`12 read ${REPO}/.git/HEAD`]: 'upkeep process',
      [`10 read ${REPO}/.git/index`]: 'upkeep habit',
      [`10 read ${REPO}/.env`]: 'unannounced none',
      [`10 written ${REPO}/.git/config`]: 'unannounced none',
    })
  })

  test('does not cover its child processes, its changes in the workspace, or programs from the workspace', () => {
    const step = look(
      story()
        .begin()
        .session()
        .starts(12, AGENT, 'git', 'rev-parse', 'HEAD')
        .starts(13, 12, '/bin/sh', '-c', 'curl https://evil.example')
        .files(12, { read: [`${REPO}/.git/HEAD`], written: [`${REPO}/.git/config`] })
        .starts(14, 13, 'git', 'rev-parse', 'HEAD')
        .starts(15, AGENT, `${REPO}/git`, 'rev-parse', 'HEAD'),
      { ...HABITS, programs: [...HABITS.programs, [/.*git/, 'rev-parse', 'HEAD']] },
    )
    expect(processes(step)).toMatchObject({
      '13 /bin/sh -c curl https://evil.example': 'unannounced none',
      '14 git rev-parse HEAD': 'unannounced none',
      [`15 ${REPO}/git rev-parse HEAD`]: 'unannounced none',
    })
    expect(files(step)).toEqual({
      [`12 read ${REPO}/.git/HEAD`]: 'upkeep process',
      [`12 written ${REPO}/.git/config`]: 'unannounced none',
    })
  })

  test('covers its request only if the request is refused', () => {
    const told = story().begin().session().request('https://registry.example/plugin')
    const step = look(told.request('https://registry.example/plugin?data=1'), HABITS)
    expect(requests(step)).toEqual([
      'GET https://registry.example/plugin 403 refused: upkeep habit',
      'GET https://registry.example/plugin?data=1 403 refused: unannounced none',
    ])
  })

  test('does not cover other agents', () => {
    const step = look(story().begin().session().starts(12, AGENT, 'git', 'rev-parse', 'HEAD'))
    expect(processes(step)).toMatchObject({ '12 git rev-parse HEAD': 'unannounced none' })
  })
})

describe('a program that reads an announced file', () => {
  test('belongs to the call, with its child processes, even if the announcement comes late', () => {
    const step = look(
      story()
        .begin()
        .session()
        .starts(12, AGENT, 'sh', '-c', 'cat a.js')
        .starts(13, 12, 'cat', 'a.js')
        .files(13, { read: ['/etc/ld.so.cache', `${REPO}/a.js`] })
        .call('a', 'read', { paths: ['a.js'] })
        .done('a'),
    )
    expect(processes(step)).toMatchObject({ '12 sh -c cat a.js': 'call 0 reader', '13 cat a.js': 'call 0 under' })
    expect(verdicts(step)).toEqual(['seen'])
  })

  test.each([
    ['also reads another file', { read: [`${REPO}/a.js`, `${REPO}/.env`] }],
    ['changes the file', { read: [`${REPO}/a.js`], written: [`${REPO}/a.js`] }],
    ['accessed more files than are listed', { read: [`${REPO}/a.js`], omitted: 1 }],
    ['does not read the file', { read: ['/etc/passwd'] }],
  ])('but not when it %s', (_, accesses) => {
    const step = look(
      story()
        .begin()
        .session()
        .call('a', 'read', { paths: ['a.js'] })
        .starts(12, AGENT, 'cat', 'a.js')
        .files(12, accesses)
        .done('a'),
    )
    expect(processes(step)).toMatchObject({ '12 cat a.js': 'unannounced none' })
  })

  test('but not when it connects to a host, or when the call announced an edit', () => {
    const step = look(
      story()
        .begin()
        .session()
        .call('a', 'read', { paths: ['a.js'] })
        .starts(12, AGENT, 'cat', 'a.js')
        .files(12, { read: [`${REPO}/a.js`] })
        .connect(12, '203.0.113.7')
        .done('a')
        .call('b', 'edit', { paths: ['b.js'] })
        .starts(13, AGENT, 'cat', 'b.js')
        .files(13, { read: [`${REPO}/b.js`] })
        .done('b'),
    )
    expect(processes(step)).toMatchObject({ '12 cat a.js': 'unannounced none', '13 cat b.js': 'unannounced none' })
  })
})

describe('an action that is announced only afterwards', () => {
  test('belongs to the next call that announces it, and is marked as late', () => {
    const step = look(
      story()
        .begin()
        .session()
        .call('a', 'read', { paths: ['a.js'] })
        .files(AGENT, { read: [`${REPO}/a.js`], written: [`${REPO}/a.js`, `${REPO}/b.js`] })
        .done('a')
        .call('b', 'edit', { paths: ['a.js'] })
        .done('b'),
    )
    expect(files(step)).toEqual({
      [`10 read ${REPO}/a.js`]: 'call 0 path',
      [`10 written ${REPO}/a.js`]: 'call 1 late',
      [`10 written ${REPO}/b.js`]: 'unannounced none',
    })
    expect(verdicts(step)).toEqual(['seen', 'seen'])
  })

  test.each([
    ['plain', 'call 0 late', 'seen'],
    ['acp 1', 'start', 'not-seen'],
  ])('before the first statement of an agent with protocol %s: %s', (protocol, place, verdict) => {
    const step = look(
      story()
        .begin()
        .files(AGENT, { read: [`${REPO}/a.js`, `${REPO}/b.js`] })
        .session(protocol)
        .call('a', 'read', { paths: ['a.js'] })
        .done('a'),
    )
    expect(files(step)[`10 read ${REPO}/a.js`]).toContain(place)
    expect(files(step)[`10 read ${REPO}/b.js`]).toContain('start')
    expect(verdicts(step)).toEqual([verdict])
  })

  test('is without permission, if the call asks for permission afterwards', () => {
    const step = look(
      story()
        .begin()
        .session()
        .call('a', 'read', { paths: ['b.js'] })
        .files(AGENT, { written: [`${REPO}/a.js`] })
        .done('a')
        .call('b', 'edit', { paths: ['a.js'] })
        .asked('b', { tool: 'edit', paths: ['a.js'] })
        .decided('b', 'allowed')
        .done('b'),
    )
    expect(files(step)).toEqual({ [`10 written ${REPO}/a.js`]: 'call 1 early late' })
    expect(verdicts(step)).toEqual(['not-seen', 'without-permission'])
  })
})

test('matches a wrapped command even if its announcement comes late', () => {
  const step = look(
    story()
      .begin()
      .session()
      .call('a', 'edit', { paths: ['a.js'] })
      .starts(12, AGENT, 'bash', '-c', "source ~/.state; eval 'make test'")
      .files(AGENT, { written: [`${REPO}/a.js`] })
      .done('a')
      .call('b', 'execute', { command: 'make test' })
      .done('b'),
  )
  expect(processes(step)).toMatchObject({ "12 bash -c source ~/.state; eval 'make test'": 'call 1 script' })
  expect(verdicts(step)).toEqual(['seen', 'with-more'])
})

test('a denied call without a command and without observed actions gets the verdict `denied`', () => {
  const step = look(
    story().begin().session().asked('a', { tool: 'execute' }).decided('a', 'denied').done('a', 'failed'),
  )
  expect(verdicts(step)).toEqual(['denied'])
})
