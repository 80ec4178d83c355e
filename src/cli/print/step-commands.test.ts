import { expect, test } from 'vitest'
import { collectStepCommands } from './step-commands.ts'

const SCRIPT = ['/bin/sh', '-e', '-c', 'npm ci && git diff']

function ran(...processes: [pid: number, parent: number, argv: string[]][]): string[] {
  const commands = collectStepCommands()
  for (const [pid, parent, argv] of processes)
    commands.add({
      pid,
      parent,
      step: 3,
      origin: 'exec',
      argv,
      argvOmitted: 0,
      cwd: '/',
      executable: '/',
      executableDigest: null,
    })
  expect(commands.of(2)).toEqual([])
  return commands.of(3)
}

test('names each program that a script calls once, without interpreter, folder and flags', () => {
  expect(
    ran(
      [5, 1, SCRIPT],
      [6, 5, ['/usr/bin/env', 'node', '/opt/npm', 'ci']],
      [6, 5, ['node', '/opt/npm', 'ci', '--quiet']],
      [7, 6, ['sh', '-c', 'postinstall']],
      [8, 5, ['git', 'diff', '--stat']],
      [9, 5, ['git', '-c', 'core.hooksPath=/dev/null', 'add', '--all']],
      [10, 5, ['node', '/tmp/facts.mjs', 'look']],
      [11, 5, ['node', '--test']],
    ),
  ).toEqual(['npm ci', 'git diff', 'git add', 'facts.mjs look', 'node'])
})

test('names the command if the step is a single command', () => {
  expect(ran([5, 1, ['npm', 'test']], [6, 5, ['node', '--test']])).toEqual(['npm test', 'node'])
})

test('prints hostile arguments as harmless text, and bounds their number', () => {
  expect(ran([5, 1, ['\u001b]0;x\u0007']])).toEqual([String.raw`\x1b]0;x\x07`])
  const many = Array.from({ length: 500 }, (_, at): [number, number, string[]] => [at + 10, 5, [`p${at}`]])
  expect(ran([5, 1, SCRIPT], ...many)).toHaveLength(40)
})
