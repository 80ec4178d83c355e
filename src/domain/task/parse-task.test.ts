import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkTaskFile, parseTask, TaskError } from './parse-task.ts'

const GOOD = `name: tidy
description: Tidies
mode: write
inputs:
  base-dir: {description: where, default: src}
steps:
  - name: look
    run: ls "$INPUT_BASE_DIR"
    env:
      DIR: "\${{ inputs.base-dir }}"
      COUNT: 3
  - run: |
      echo two
checks: [look]
artifacts:
  - {name: list.txt, path: /tmp/artifacts/list.txt}
change:
  title: Tidy \${{ inputs.base-dir }}
`

function linesOf(text: string): string {
  try {
    parseTask(text, 't.yaml')
  } catch (error) {
    if (error instanceof TaskError) return error.message
    throw error
  }
  return 'no problem'
}

test('parses a valid file and fills in the defaults', () => {
  const task = parseTask(GOOD, 't.yaml')
  expect(task).toMatchObject({ name: 'tidy', mode: 'write', reach: [], checks: ['look'] })
  expect(task.steps[0]).toMatchObject({ env: { COUNT: '3' }, if: 'success()', 'working-directory': '.' })
  expect(task.steps[1]?.run).toBe('echo two\n')
  expect(task.limits.memory).toBe(4 * 1024 ** 3)
})

describe('reports each problem with its position and cure', () => {
  test.each([
    ['unknown key', GOOD.replace('checks:', 'cheks:'), /^t\.yaml:14:1: unknown key `cheks`; did you mean `checks`\?$/m],
    [
      'unknown key in a step',
      GOOD.replace('    run: ls', '    rnu: ls'),
      /^t\.yaml:8:5: unknown key `rnu` in steps\[0\]; did you mean `run`\?$/m,
    ],
    [
      'a step of two kinds',
      GOOD.replace('    run: ls', '    run: ls\n    agent: default'),
      /^t\.yaml:8:10: a step has `run` or `agent`, not both; make it two steps$/m,
    ],
    [
      'an agent without a prompt',
      GOOD.replace('    run: ls', '    agent: default'),
      /^t\.yaml:7:5: steps\[0\]\.prompt is missing; say what the agent is asked$/m,
    ],
    [
      'a prompt without an agent',
      GOOD.replace('    run: ls', '    run: ls\n    prompt: hello'),
      /^t\.yaml:9:13: `prompt` is for steps with `agent`; name one, or `default`$/m,
    ],
    [
      'an unknown artifact in a prompt',
      GOOD.replace('    run: ls', '    agent: default\n    prompt: read ${{ artifacts.nope }}'),
      /there is no artifact `nope`/m,
    ],
    [
      'key that is missing because of the typo',
      GOOD.replace('    run: ls', '    rnu: ls'),
      /^t\.yaml:7:5: steps\[0\]\.run is missing; it is a text; or name an `agent`$/m,
    ],
    [
      'wrong mode',
      GOOD.replace('mode: write', 'mode: wirte'),
      /^t\.yaml:3:7: mode can't be `wirte`; did you mean `write`\?$/m,
    ],
    ['missing mode', GOOD.replace('mode: write\n', ''), /mode is missing; one of: read-only, write/],
    [
      'wrong type',
      GOOD.replace('description: Tidies', 'description: 3.10'),
      /^t\.yaml:2:14: description must be a text, not a number; write it in quotes: "3\.10"$/m,
    ],
    [
      'wrong name',
      GOOD.replace('name: tidy', 'name: Tidy Up'),
      /^t\.yaml:1:7: name can't be `Tidy Up`; lowercase letters/m,
    ],
    ['no steps', 'name: a\ndescription: b\nmode: write\nsteps: []', /^t\.yaml:4:8: steps is too short; at least 1$/m],
    [
      'too much memory',
      `${GOOD}limits: {memory: 99999999999 GiB}\n`,
      /^t\.yaml:19:18: limits\.memory.*at most 1024 GiB/m,
    ],
    ['too much output', `${GOOD}limits: {output: 999999 GiB}\n`, /^t\.yaml:19:18: limits\.output.*at most 256 MiB/m],
    [
      'malformed size',
      `${GOOD}limits: {memory: 4 GB}\n`,
      /^t\.yaml:19:18: limits\.memory can't be `4 GB`; a size such as/m,
    ],
    [
      'invalid variable name',
      GOOD.replace('COUNT:', 'a-b:'),
      /^t\.yaml:11:7: `a-b` is not a valid name; letters, digits and underscores/m,
    ],
    [
      'list as a variable',
      GOOD.replace('COUNT: 3', 'COUNT: [3]'),
      /steps\[0\]\.env\.COUNT must be a text or a number or true or false/,
    ],
    [
      'number that YAML rewrites',
      GOOD.replace('COUNT: 3', 'COUNT: 1.10'),
      /^t\.yaml:11:14: `1\.10` is a number to YAML and would become `1\.1`; write it in quotes: "1\.10"$/m,
    ],
    [
      'check of an unknown step',
      GOOD.replace('[look]', '[lok]'),
      /^t\.yaml:14:10: checks names `lok`, which is not a step; did you mean `look`\?$/m,
    ],
    [
      'same name twice',
      GOOD.replace('  - run: |', '  - name: look\n    run: |'),
      /^t\.yaml:12:11: two steps have the name `look`/m,
    ],
    [
      'absolute directory',
      GOOD.replace('    env:', '    working-directory: /etc\n    env:'),
      /working-directory leaves the repository/,
    ],
    [
      'directory above',
      GOOD.replace('    env:', '    working-directory: a/../../b\n    env:'),
      /working-directory leaves the repository/,
    ],
    ['lockfile folder above', `${GOOD}lockfile-folder: ../other\n`, /lockfile-folder leaves the repository/],
    ['unknown input of the lockfile folder', `${GOOD}lockfile-folder: "${'$'}{{ inputs.nowhere }}"\n`, /nowhere/],
    [
      'change of a read-only task',
      GOOD.replace('mode: write', 'mode: read-only'),
      /^t\.yaml:18:3: a read-only task proposes no change/m,
    ],
    ['artifact above', GOOD.replace('/tmp/artifacts/list', '/tmp/artifacts/../list'), /path has `\.\.` in it/],
    [
      'artifact by variable',
      GOOD.replace('/tmp/artifacts/', '$GLOVEBOX_ARTIFACTS/'),
      /variables are not filled in; \$GLOVEBOX_ARTIFACTS is \/tmp\/artifacts/,
    ],
    [
      "the platform's artifact",
      GOOD.replace('name: list.txt', 'name: glovebox-advisories.json'),
      /are reserved for the platform/,
    ],
    [
      'input that is required and has a default',
      GOOD.replace('default: src', 'default: src, required: true'),
      /is then never used/,
    ],
    [
      'unknown input in change',
      GOOD.replace('Tidy ${{ inputs.base-dir', 'Tidy ${{ inputs.bas-dir'),
      /^t\.yaml:18:10: there is no input `bas-dir`; did you mean `base-dir`\?$/m,
    ],
    [
      'other expression',
      GOOD.replace('Tidy ${{ inputs.base-dir', 'Tidy ${{ secrets.token'),
      /only `\$\{\{ inputs\.<name> \}\}` is filled in/,
    ],
    [
      'expression that does not end',
      GOOD.replace('Tidy ${{ inputs.base-dir }}', 'Tidy ${{ inputs.base-dir'),
      /only `\$\{\{ inputs/,
    ],
    [
      'expression where none is filled in',
      GOOD.replace('path: /tmp/artifacts/list.txt', 'path: "/tmp/${{ inputs.base-dir }}"'),
      /is not filled in here/,
    ],
    [
      'input pasted into a script',
      GOOD.replace('"$INPUT_BASE_DIR"', '${{ inputs.base-dir }}'),
      /^t\.yaml:8:10: .*could become code; use "\$INPUT_BASE_DIR"/m,
    ],
    ['script with a NUL', GOOD.replace('run: ls "$INPUT_BASE_DIR"', 'run: "a\\0b"'), /has a NUL/],
  ])('%s', (_, text, expected) => {
    expect(linesOf(text)).toMatch(expected)
  })

  test('reports all problems at once, in the order of the file', () => {
    const text = GOOD.replace('mode: write', 'mode: rw')
      .replace('[look]', '[loook]')
      .replace('artifacts:', 'artefacts:')
    const places = linesOf(text)
      .split('\n')
      .map((line) => line.split(':').slice(1, 3).map(Number))
    expect(places.length).toBeGreaterThanOrEqual(3)
    expect(places).toEqual(places.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d))
  })
})

describe('YAML beyond the plain subset', () => {
  test.each([
    [
      'alias bomb',
      `a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n${GOOD}`,
      /anchors are not supported|aliases are not supported/,
    ],
    ['merge key', `base: &b {x: 1}\n<<: *b\n${GOOD}`, /anchors are not supported/],
    ['tag', GOOD.replace('description: Tidies', 'description: !!js/function "x"'), /tag/i],
    ['binary', GOOD.replace('description: Tidies', 'description: !!binary aGk='), /tags such as/],
    ['the same key twice', `${GOOD}mode: read-only\n`, /^t\.yaml:19:1: `mode` appears twice/m],
    [
      'the same key twice in flow',
      GOOD.replace('default: src', 'default: src, default: "/"'),
      /`default` appears twice/,
    ],
    ['key that is not text', `${GOOD}? [a]\n: b\n`, /all keys must be strings/],
    ['prototype', `${GOOD}__proto__: {polluted: true}\n`, /`__proto__` is not allowed as a key/],
    ['prototype as a variable', GOOD.replace('COUNT:', '__proto__:'), /`__proto__` is not allowed as a key/],
    ['two documents', `${GOOD}---\n${GOOD}`, /multiple documents/],
    ['tab', GOOD.replace('    run: ls', '\trun: ls'), /t\.yaml:8:\d+: .*tab/i],
    ['broken', 'name: [a', /t\.yaml:1:\d+: /],
    ['an empty file', '', /must be a mapping|is missing/],
    ['a list', '- a', /must be a mapping/],
    ['too large', `# ${'x'.repeat(300_000)}`, /larger than 256 KiB/],
    ['hidden direction', GOOD.replace('echo two', 'echo \u202etwo'), /^t\.yaml:13:12: .*direction/m],
    ['lone surrogate', `# \ud800`, /Unicode/],
    ['deep nest', `a: ${'['.repeat(50_000)}`, /t\.yaml/],
    ['deep block nest', `${'- '.repeat(20_000)}a`, /nested too deep/],
    ['many keys', Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n'), /larger than|more than 5000 values/],
    ['many unknown keys', Array.from({ length: 1_500 }, (_, i) => `k${i}: 1`).join('\n'), /unknown key `k0`/],
  ])('is refused: %s', { timeout: 20_000 }, (_, text, expected) => {
    expect(linesOf(text)).toMatch(expected)
  })
})

test('any text gives a task or a TaskError', { timeout: 60_000 }, () => {
  const lines = fc.constantFrom(
    ...GOOD.split('\n'),
    '- [',
    '? x',
    '&a b',
    '*a',
    '<<: *a',
    '"\\x00"',
    '!!set {a}',
    '---',
    '...',
    '%YAML 1.1',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(lines, fc.string({ unit: 'binary' })), { maxLength: 25 }), (parts) => {
      const problems = checkTaskFile(parts.join('\n'))
      expect(problems.every((problem) => problem.message.length > 0)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('the built-in tasks are valid, and each has the name of its file', () => {
  const folder = join(import.meta.dirname, '../../../tasks')
  const files = readdirSync(folder)
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    const task = parseTask(readFileSync(join(folder, file), 'utf8'), file)
    expect(`${task.name}.yaml`).toBe(file)
  }
})

test('reports an unknown name in reach, with the nearest known one', () => {
  const text = `${GOOD}reach: [npm, nmp, github]\n`
  expect(checkTaskFile(text)).toEqual([])
  expect(checkTaskFile(text, { reach: ['npm', 'github'], toolchains: ['built-in'], agents: [] })).toMatchObject([
    {
      line: 19,
      column: 14,
      message: 'reach names `nmp`, which neither a policy nor the configuration knows',
      cure: 'did you mean `npm`?',
    },
  ])
  expect(() => parseTask(text, 't.yaml', { reach: ['npm'], toolchains: [], agents: [] })).toThrow(
    't.yaml:19:19: reach names `github`, which neither a policy nor the configuration knows; known: npm',
  )
})

test('reports an unknown toolchain, with the nearest known one', () => {
  const known = { reach: [], toolchains: ['built-in', 'system', 'node-20'], agents: [] }
  expect(checkTaskFile(`${GOOD}toolchain: node-20\n`, known)).toEqual([])
  expect(checkTaskFile(GOOD, known)).toEqual([])
  expect(checkTaskFile(`${GOOD}toolchain: node-21\n`, known)).toMatchObject([
    { line: 19, message: 'there is no toolchain `node-21`', cure: 'did you mean `node-20`?' },
  ])
})

test('reports an unknown agent of a step, with the nearest known one', () => {
  const known = { reach: ['npm'], toolchains: ['built-in'], agents: ['built-in', 'claude-code'] }
  const head = 'name: ask\ndescription: d\nmode: write\nsteps:\n  - prompt: p\n    agent: '
  expect(checkTaskFile(`${head}claude-code\n`, known)).toEqual([])
  expect(checkTaskFile(`${head}default\n`, known)).toEqual([])
  expect(checkTaskFile(`${head}claude\n`, { ...known, agents: ['built-in'] })).toMatchObject([
    { line: 6, column: 12, message: 'there is no agent `claude`', cure: 'known: default, built-in' },
  ])
  expect(checkTaskFile(`${head}clade-code\n`, known)).toMatchObject([{ cure: 'did you mean `claude-code`?' }])
})
