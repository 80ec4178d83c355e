// `glovebox init`, by options alone and with a person at a terminal.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOfThisTest } from '../test-folder.ts'
import { onPseudoTerminal } from './pseudo-terminal.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/glovebox')
const KEY = 'sk-ant-test-0123456789abcdef'

function openHome(more: Record<string, string> = {}) {
  const home = folderOfThisTest()
  const repository = join(home, 'shop')
  const data = join(home, '.local/state/glovebox')
  const env = { HOME: home, PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...more }
  mkdirSync(join(repository, '.git'), { recursive: true })
  const type = (...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(PROGRAM, argv, { cwd: repository, env, encoding: 'utf8', input: '' })
    return { status, stdout, stderr }
  }
  const dialogue = (pairs: (readonly [string, string])[], ...argv: string[]) =>
    onPseudoTerminal([PROGRAM, ...argv], { cwd: repository, env, dialogue: pairs })
  return { home, repository, data, config: join(data, 'glovebox.yaml'), env, type, dialogue }
}

test('by options alone: makes the folder, its configuration and a task, and repeats itself without a change', () => {
  const { repository, data, config, type } = openHome()
  writeFileSync(join(repository, 'package.json'), '{"scripts": {"test": "node --test"}}')
  writeFileSync(join(repository, 'package-lock.json'), '{}')
  const first = type('init', '--yes', '--for', 'me')
  expect(first).toMatchObject({ status: 0, stderr: '' })
  const task = join(repository, '.glovebox/tasks/run-tests.yaml')
  expect(first.stdout).toBe(`The data folder is ${data}
Made ${config}
Made ${task}

Next
  ${PROGRAM} doctor
  git add ${task} && git commit -m 'Add the task run-tests'
  ${PROGRAM} run run-tests --repo .
`)
  expect(statSync(data).mode & 0o777).toBe(0o700)
  expect(statSync(config).mode & 0o777).toBe(0o600)
  expect(readFileSync(config, 'utf8')).toContain('\npolicies: { enable: [solo] }\n')
  expect(type('policy', 'list').stdout).toMatch(/^requester-cannot-approve +off/m)
  expect(type('task', 'check', task)).toMatchObject({ status: 0 })
  const before = readFileSync(config, 'utf8')
  for (const argv of [['--for', 'me'], []]) {
    const again = type('init', '--yes', '--json', ...argv)
    expect(again.status).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({
      dataFolder: data,
      files: [
        { path: config, made: false },
        { path: task, made: false },
      ],
    })
  }
  expect(readFileSync(config, 'utf8')).toBe(before)
})

test('refuses to overwrite a configuration, and then makes nothing', () => {
  const { repository, config, type } = openHome()
  expect(type('init', '--yes').status).toBe(0)
  expect(readFileSync(config, 'utf8')).not.toMatch(/^policies/m)
  const folder = folderOfThisTest()
  const other = spawnSync(PROGRAM, ['init', '--yes', '--for', 'me'], {
    cwd: folder,
    env: { HOME: join(repository, '..'), PATH: process.env['PATH'] ?? '' },
    encoding: 'utf8',
  })
  expect(other).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('exists and says something else'),
  })
  expect(readdirSync(folder)).toEqual([])
})

test('names a model whose key is in a variable, in a file, or still to be set', () => {
  const named = openHome()
  expect(named.type('init', '--yes', '--model', 'openai', '--key-variable', 'CORP_KEY')).toMatchObject({ status: 0 })
  expect(JSON.parse(named.type('connection', 'show', 'openai', '--json').stdout)).toMatchObject({
    provider: 'openai',
    credential: 'the variable CORP_KEY',
  })

  const present = openHome({ GEMINI_API_KEY: KEY })
  expect(present.type('init', '--yes', '--model', 'gemini')).toMatchObject({ status: 0 })
  expect(readFileSync(present.config, 'utf8')).toContain('variable: GEMINI_API_KEY')

  const file = openHome()
  writeFileSync(join(file.home, 'key'), `${KEY}\n`, { mode: 0o600 })
  const stored = file.type('init', '--yes', '--model', 'anthropic', '--key-file', '../key')
  expect(stored.stdout).toContain('Stored the key of anthropic, encrypted\n')
  expect(JSON.parse(file.type('credential', 'list', '--json').stdout)).toMatchObject([{ name: 'anthropic' }])

  const later = openHome()
  expect(later.type('init', '--yes', '--model', 'anthropic').stdout).toContain(
    `Next\n  ${PROGRAM} credential set anthropic\n  ${PROGRAM} doctor\n`,
  )
})

test.each([
  [['--key-file', 'k'], /--key-file needs --model/],
  [['--model', 'openai-compatible'], /--model openai-compatible needs --url/],
  [['--model', 'openai-compatible', '--url', 'ftp://x', '--model-id', 'm'], /--url: /],
  [['--model', 'openai', '--key-variable', 'a-b'], /--key-variable: .*environment variable/],
  [['--model', 'openai', '--key-variable', 'A', '--key-file', 'k'], /not both/],
  [['--for', 'everybody'], /known: me, team/],
])('init --yes %j is refused before anything is made', (argv, says) => {
  const { type, home, repository } = openHome()
  expect(type('init', '--yes', ...argv)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(says) })
  expect(readdirSync(home)).toEqual(['shop'])
  expect(readdirSync(repository)).toEqual(['.git'])
})

test('without a terminal and without --yes it asks nothing and makes nothing', () => {
  const { type, home } = openHome()
  expect(type('init')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('add --yes') })
  expect(readdirSync(home)).toEqual(['shop'])
})

test('does not follow a link that came with the repository, nor change a task that is there', () => {
  const { type, home, repository } = openHome()
  mkdirSync(join(home, 'elsewhere'))
  symlinkSync('../elsewhere', join(repository, '.glovebox'))
  expect(type('init', '--yes')).toMatchObject({ status: 2, stderr: expect.stringContaining('is not a folder') })
  expect(readdirSync(join(home, 'elsewhere'))).toEqual([])

  const own = openHome()
  const task = join(own.repository, '.glovebox/tasks/look-around.yaml')
  mkdirSync(join(task, '..'), { recursive: true })
  writeFileSync(task, '# mine\n')
  expect(own.type('init', '--yes').stdout).toContain(`Kept ${task}\n`)
  expect(readFileSync(task, 'utf8')).toBe('# mine\n')
})

test('on a terminal it asks three questions, corrects an answer, and reads the key without showing it', async () => {
  const { home, dialogue, type, env } = openHome()
  const { status, screen } = await dialogue(
    [
      ['Data folder', '~/boxes\n'],
      ['(me/team): ', 'myself\n'],
      ['Answer one of: me, team', 'me\n'],
      ['openai-compatible) [none]: ', 'anthropic\n'],
      ['`none` [type]: ', '\n'],
      ['(it is not shown): ', `${KEY}\r`],
    ],
    'init',
  )
  const boxes = join(home, 'boxes')
  expect(screen).toContain(`The data folder is ${boxes}\n`)
  expect(status).toBe(0)
  expect(screen).not.toContain(KEY)
  expect(screen).toContain(`${PROGRAM} doctor --data ${boxes}\n`)
  expect(readFileSync(join(boxes, 'glovebox.yaml'), 'utf8')).toContain('enable: [solo]')
  expect(readFileSync(join(boxes, 'glovebox.yaml'), 'utf8')).not.toContain(KEY)
  expect(JSON.parse(type('credential', 'list', '--json', '--data', boxes).stdout)).toMatchObject([
    { name: 'anthropic' },
  ])
  expect(existsSync(join(env.HOME, '.local'))).toBe(false)
})

test.each([
  ['Ctrl-C', '\u0003', 130, 'interrupted'],
  ['Ctrl-D', '\u0004', 2, 'nothing was made'],
])('%s at a question ends it and leaves nothing behind', async (_, key, code, says) => {
  const { home, dialogue } = openHome()
  const { status, screen } = await dialogue(
    [
      ['Data folder', '\n'],
      ['(me/team): ', key],
    ],
    'init',
  )
  expect(screen).toContain(says)
  expect(status).toBe(code)
  expect(readdirSync(home)).toEqual(['shop'])
})
