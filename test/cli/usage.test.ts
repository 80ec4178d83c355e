// Help, wrong usage and failures: exit codes, and messages on the right stream.
import { expect, test } from 'vitest'
import { sampleTerminals, START } from './sample-terminals.ts'

const terminals = sampleTerminals()

test.each([
  ['no repository', ['run', 'x']],
  ['neither task nor command', ['run', '--repo', '.']],
  ['a task and a command', ['run', 'x', '--repo', '.', '--', 'ls']],
  ['no command after --', ['run', '--repo', '.', '--']],
  ['inputs for a command', ['run', '--repo', '.', '--input', 'a=b', '--', 'ls']],
  ['an input without a value', ['run', 'x', '--repo', '.', '--input', 'a']],
  ['an input given twice', ['run', 'x', '--repo', '.', '--input', 'a=1', '--input', 'a=2']],
  ['an unknown mode', ['run', 'x', '--repo', '.', '--mode', 'god']],
  ['too many words', ['run', 'x', 'y', '--repo', '.']],
  ['an empty repository', ['run', 'x', '--repo', '']],
  ['an unknown option', ['runs', '--frobnicate']],
  ['an unknown command', ['frobnicate']],
  ['an unknown group command', ['change', 'frobnicate', 'x']],
  ['a command after -- where none belongs', ['runs', 'list', '--', 'x']],
  ['a person in --as', ['runs', '--as', 'user:bob']],
  ['a limit of zero', ['runs', '--limit', '0']],
  ['an unknown event kind', ['trace', 'latest', '--kind', 'made.up']],
  ['a missing argument', ['change', 'show']],
  ['a reference that is none', ['change', 'show', 'no!']],
  ['an id that is not there', ['change', 'show', '9999999']],
  ['a port out of range', ['serve', '--port', '70000']],
  ['an unknown variable of ours', ['runs']],
] as const)('%s is exit code 2, with words on stderr and none on stdout', async (what, args) => {
  const { code, stdout, stderr } = await (
    await terminals.open({
      env: what.startsWith('an unknown variable') ? { GLOVEBOX_DAAT: 'x' } : {},
    })
  ).type(...args)
  expect(code).toBe(2)
  expect(stderr).not.toBe('')
  expect(stdout).toBe('')
})

test('with --json, an error is also an object on stdout', async () => {
  const { code, stdout } = await (await terminals.open()).type('change', 'show', '99999', '--json')
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'not-found', message: 'There is no change "99999"', cure: expect.any(String) },
  })
})

test.each([
  ['nothing'],
  ['run'],
  ['runs'],
  ['runs list'],
  ['runs show'],
  ['runs cancel'],
  ['trace'],
  ['output'],
  ['artifact'],
  ['change'],
  ['change list'],
  ['change show'],
  ['change diff'],
  ['change approve'],
  ['change reject'],
  ['change publish'],
  ['change merge'],
  ['task'],
  ['task list'],
  ['task show'],
  ['task check'],
  ['policy'],
  ['policy list'],
  ['policy check'],
  ['connection'],
  ['connection list'],
  ['connection show'],
  ['connection set'],
  ['connection remove'],
  ['connection test'],
  ['credential'],
  ['credential list'],
  ['credential set'],
  ['credential remove'],
  ['credential rotate'],
  ['doctor'],
  ['serve'],
])('%s --help prints help and opens no data folder', async (words) => {
  const terminal = await terminals.open()
  const { code, stdout } = await terminal.type(...(words === 'nothing' ? [] : words.split(' ')), '--help')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: glovebox/)
  expect(terminal.contexts).toEqual([])
})

test('a refusal by policy exits with 3 and names the rules', async () => {
  const { type } = await terminals.open()
  const { code, stderr } = await type(...START, '--as', 'service:undeclared')
  expect(code).toBe(3)
  expect(stderr).toMatch(/^glovebox: service:undeclared may not start run on repository .*\n {2}see `glovebox policy/)
})

test('an unexpected error exits with 4 and one line, and with its stack only if GLOVEBOX_DEBUG=1', async () => {
  for (const [env, lines] of [
    [{}, 1],
    [{ GLOVEBOX_DEBUG: '1' }, 3],
  ] as const) {
    const { type, instance } = await terminals.open({ env: env as Record<string, string> })
    instance.services.listTasks = async () => {
      throw new Error('the disk is gone')
    }
    const { code, stderr } = await type('task', 'list')
    expect(code).toBe(4)
    expect(stderr).toContain('glovebox: Glovebox failed: the disk is gone')
    expect(stderr.trim().split('\n').length >= lines).toBe(true)
    expect(/\n\s+at /.test(stderr)).toBe(lines > 1)
  }
})
