// Completion of the command line, in the shells themselves.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openContext } from '../../src/context.ts'
import { folderOfThisTest } from '../test-folder.ts'
import { onPseudoTerminal } from './pseudo-terminal.ts'

const PROJECT = join(import.meta.dirname, '../..')
const PROGRAM = join(PROJECT, 'bin/glovebox')
const has = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0

/** A home folder with a repository, which is the current folder. */
function openHome() {
  const home = folderOfThisTest()
  const repository = join(home, 'shop')
  mkdirSync(join(repository, '.glovebox/tasks'), { recursive: true })
  writeFileSync(join(repository, '.glovebox/tasks/our-task.yaml'), '')
  writeFileSync(join(repository, '.glovebox/tasks/$(touch pwned).yaml'), '')
  mkdirSync(join(repository, 'a folder'))
  writeFileSync(join(repository, 'mine.yaml'), '')
  const env = { HOME: home, PATH: process.env['PATH'] ?? '', TERM: 'dumb' }
  const complete = (...words: string[]) =>
    execFileSync(PROGRAM, ['__complete', ...words], { cwd: repository, env, encoding: 'utf8' })
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t')[0] ?? '')
  return { home, repository, env, data: join(home, '.local/state/glovebox'), complete }
}

describe('the candidates', () => {
  test('are commands, options, and the values of options', () => {
    const { complete } = openHome()
    expect(complete('')).toContain('completion')
    expect(complete('ru')).toEqual(['run', 'runs'])
    expect(complete('change', 'a')).toEqual(['approve'])
    expect(complete('runs', '--st')).toEqual(['--status'])
    expect(complete('runs', 'list', '--status', 'f')).toEqual(['failed'])
    expect(complete('runs', 'list', '--status', 'failed', 'e')).toEqual(['error'])
    expect(complete('run', '--mode=w')).toEqual(['--mode=write'])
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(complete('run', '--repo', '')).toEqual([':folders'])
    expect(complete('task', 'check', '')).toEqual([':files'])
    expect(complete('run', '--repo', '.', '--', 'l')).toEqual([])
    expect(complete('frobnicate', '')).toEqual([])
  })

  test('are tasks, and those of a repository only if their names cannot be code', () => {
    const { complete, repository } = openHome()
    expect(complete('task', 'show', '')).not.toContain('our-task')
    const tasks = complete('run', '')
    expect(tasks).toContain('fix-vulnerabilities')
    expect(tasks).toContain('our-task')
    expect(tasks.join()).not.toContain('pwned')
    expect(readdirSync(repository).toSorted()).toEqual(['.glovebox', 'a folder', 'mine.yaml'])
  })

  test('are recent runs and connections of a folder that Glovebox made, also while another process holds it', async () => {
    const { complete, data, home, repository, env } = openHome()
    expect(complete('trace', '')).toEqual(['latest'])
    expect(readdirSync(home)).toEqual(['shop'])
    const set = ['connection', 'set', 'corp', '--provider', 'openai', '--url', 'https://m.example', '--model', 'm']
    execFileSync(PROGRAM, set, { env })
    const git = (...argv: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.c', ...argv], { cwd: repository, env })
    git('init', '-q')
    git('commit', '-q', '--allow-empty', '-m', 'begin')
    const run = ['run', '--repo', repository, '--json', '--', 'true']
    const { id } = (
      JSON.parse(execFileSync(PROGRAM, run, { env, encoding: 'utf8', stdio: 'pipe' })) as { run: { id: string } }
    ).run
    await using _ = await openContext({ dataFolder: data, work: false })
    expect(complete('trace', '')).toEqual(['latest', id])
    expect(complete('trace', id.slice(0, 3))).toEqual([id])
    expect(complete('connection', 'show', '')).toEqual(['corp'])
    expect(complete('--data', data, 'runs', 'show', id.slice(0, 3))).toEqual([id])
    cpSync(data, join(home, 'copy'), { recursive: true, filter: (path) => !path.endsWith('.sock') })
    expect(complete('--data', join(home, 'copy'), 'trace', '')).toEqual([])
  })
})

describe('in bash', () => {
  /** What bash would offer for the words, the last of which the cursor is in. */
  function offers(home: ReturnType<typeof openHome>, ...words: string[]) {
    const script = `source <("$0" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _glovebox; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p glovebox >&2`
    const options = { cwd: home.repository, env: home.env, encoding: 'utf8' } as const
    const { stdout, stderr } = spawnSync('bash', ['-c', script, PROGRAM, ...words], options)
    expect(stderr).toBe('complete -F _glovebox glovebox\n')
    return stdout.split('\n').slice(0, -1)
  }

  test('it completes commands, choices, tasks, and names of files with spaces', () => {
    const home = openHome()
    expect(offers(home, 'glovebox', 'ru')).toEqual(['run', 'runs'])
    expect(offers(home, 'glovebox', 'run', '--mode', '=', 'w')).toEqual(['write'])
    expect(offers(home, 'glovebox', 'run', '--mode', '=')).toEqual(['read-only', 'write'])
    expect(offers(home, 'glovebox', 'run', 'our')).toEqual(['our-task'])
    expect(offers(home, 'glovebox', 'run', '--repo', 'a')).toEqual(['a folder'])
    expect(offers(home, 'glovebox', 'task', 'check', 'm')).toEqual(['mine.yaml'])
  })

  test('it runs the installation that printed the script, not the program at the prompt', () => {
    const home = openHome()
    mkdirSync(join(home.repository, 'bin'))
    writeFileSync(join(home.repository, 'bin/glovebox'), '#!/bin/sh\ntouch pwned\n', { mode: 0o755 })
    expect(offers(home, 'bin/glovebox', 'ru')).toEqual(['run', 'runs'])
    expect(readdirSync(home.repository)).not.toContain('pwned')
  })

  test('the Tab key completes at a prompt', async () => {
    const home = openHome()
    const { screen } = await onPseudoTerminal(['bash', '--norc', '--noprofile', '-i'], {
      cwd: home.repository,
      env: home.env,
      dialogue: [
        ['', `source <('${PROGRAM}' completion bash); echo sour""ced\n`],
        ['sourced', 'glovebox policy ch\t'],
        ['glovebox policy check', '\u0015exit\n'],
      ],
    })
    expect(screen).toContain('glovebox policy check')
  })
})

describe.skipIf(!has('zsh'))('in zsh, which is not installed everywhere', () => {
  test('the Tab key completes at a prompt', async () => {
    const home = openHome()
    const { screen } = await onPseudoTerminal(['zsh', '-f', '-i'], {
      cwd: home.repository,
      env: { ...home.env, TERM: 'xterm' },
      dialogue: [
        ['', 'autoload -U compinit; compinit -u -D; setopt no_list_beep; echo load""ed\n'],
        ['loaded', `source <('${PROGRAM}' completion zsh); echo sour""ced\n`],
        ['sourced', 'glovebox policy ch\t'],
        ['glovebox policy check', '\u0015exit\n'],
      ],
    })
    expect(screen).toContain('glovebox policy check')
  })
})

describe.skipIf(!has('fish'))('in fish, which is not installed everywhere', () => {
  let home: ReturnType<typeof openHome>
  function offers(line: string) {
    const script = `'${PROGRAM}' completion fish | source; complete -C '${line}'`
    const options = { cwd: home.repository, env: home.env, encoding: 'utf8' } as const
    return execFileSync('fish', ['--no-config', '-c', script], options)
      .split('\n')
      .slice(0, -1)
      .map((one) => one.split('\t')[0])
  }

  test('it completes commands, choices, tasks and files', () => {
    home = openHome()
    expect(offers('glovebox ru')).toEqual(['run', 'runs'])
    expect(offers('glovebox run --mode ')).toEqual(['read-only', 'write'])
    expect(offers('glovebox run our')).toContain('our-task')
    expect(offers('glovebox task check m')).toContain('mine.yaml')
  })
})
