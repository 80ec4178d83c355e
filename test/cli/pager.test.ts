// A pager for long output on a terminal: which one, when, and what it gets.
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onPseudoTerminal } from './pseudo-terminal.ts'
import { RUN } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'

const PROJECT = join(import.meta.dirname, '../..')
const NODE = join(PROJECT, 'bin/node')
const terminals = sampleTerminals()
const paged = () => join(terminals.folder, 'paged')
const keeper = () => `dd  of=${paged()} status=none`

function open(env: Record<string, string>, tty = true) {
  const host = { PATH: '/usr/bin:/bin', GLOVEBOX_MASTER_KEY: 'secret' }
  return terminals.openWithChange({ tty, startsPager: true, env: { ...host, ...env } })
}

test.each([
  ['trace', 'latest'],
  ['change', 'diff', 'latest'],
])('%s goes through the pager whole', async (...words) => {
  const { type } = await open({ GLOVEBOX_PAGER: keeper(), PAGER: 'false' })
  const whole = (await type(...words, '--no-pager')).stdout
  expect(whole).not.toBe('')
  expect(await type(...words)).toMatchObject({ code: 0, stdout: '' })
  expect(await readFile(paged(), 'utf8')).toBe(whole)
})

test('PAGER is used without GLOVEBOX_PAGER, gets LESS, and never a variable of Glovebox', async () => {
  const script = join(terminals.folder, 'pager')
  await writeFile(script, `cat > /dev/null; env > ${paged()}`)
  const { type } = await open({ PAGER: `sh ${script}`, LESS: 'mine' })
  expect((await type('trace', RUN)).code).toBe(0)
  const variables = await readFile(paged(), 'utf8')
  expect(variables).toMatch(/^LESS=mine$/m)
  expect(variables).not.toContain('GLOVEBOX_')
})

test('says that a named pager does not start, and prints the output', async () => {
  const missing = await open({ PAGER: `/missing/pager` })
  const { stdout, stderr } = await missing.type('trace', RUN)
  expect(stdout).toContain('Step #0 audit')
  expect(stderr).toContain('The pager /missing/pager does not start: ENOENT')
})

test('no pager for pipes, JSON, --no-pager, an empty name, `cat` and a dumb terminal', async () => {
  const env = { GLOVEBOX_PAGER: keeper() }
  for (const [terminal, more] of [
    [await open(env, false), []],
    [await open(env), ['--json']],
    [await open(env), ['--no-pager']],
    [await open({ ...env, TERM: 'dumb' }), []],
    [await open({ GLOVEBOX_PAGER: '', PAGER: keeper() }), []],
    [await open({ GLOVEBOX_PAGER: 'cat', PAGER: keeper() }), []],
  ] as const)
    expect((await terminal.type('trace', RUN, ...more)).stdout).not.toBe('')
  await expect(stat(paged())).rejects.toThrow('ENOENT')
})

test('a pager that ends early is no error, and no shell sees its name', async () => {
  const early = await open({ GLOVEBOX_PAGER: 'true' })
  expect(await early.type('trace', RUN)).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const shell = await open({ GLOVEBOX_PAGER: `true;touch ${paged()}` })
  expect((await shell.type('trace', RUN)).stdout).toContain('Step #0 audit')
  await expect(stat(paged())).rejects.toThrow('ENOENT')
})

test('an error keeps its exit code', async () => {
  const { type } = await open({ GLOVEBOX_PAGER: keeper() })
  expect((await type('trace', 'zzzzzzzz')).code).toBe(2)
  await expect(stat(paged())).rejects.toThrow('ENOENT')
})

test('pagers and questions take turns at one keyboard', async () => {
  const pager = join(terminals.folder, 'pager')
  await writeFile(pager, `cat; read -r typed < /dev/tty; echo "pager got $typed"`)
  const program = `
    import { openKeyboard } from '${join(PROJECT, 'src/cli/session/keyboard.ts')}'
    import { withPager } from '${join(PROJECT, 'src/cli/session/pager.ts')}'
    const { stdout, stderr, env } = process
    const interrupted = new AbortController().signal
    const environment = { stdin: () => process.stdin, stdout, stderr, env, startsPager: true, interrupted }
    const keyboard = openKeyboard(environment)
    for (const page of ['first page', 'second page']) {
      await withPager(environment, {}, async (paged) => paged.stdout.write(page + '\\n'))
      console.log('question got', await keyboard.key('go on?', ['n', 'y']))
    }
    keyboard[Symbol.dispose]()`
  const { status, screen } = await onPseudoTerminal([NODE, '--input-type=module', '-e', program], {
    cwd: terminals.folder,
    env: { PATH: '/usr/bin:/bin', PAGER: `sh ${pager}`, NO_COLOR: '1' },
    dialogue: [
      ['first page', 'one\n'],
      ['[N/y]', 'y'],
      ['second page', 'two\n'],
      ['[N/y]', 'n'],
    ],
  })
  expect(status).toBe(0)
  expect(screen.match(/(pager|question) got \w+/g)).toEqual([
    'pager got one',
    'question got y',
    'pager got two',
    'question got n',
  ])
})
