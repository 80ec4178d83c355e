// The main job on a repository of ours: a vulnerable service, made private, fixed inside the box, put to a person.
import { spawn, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryLockFolder } from '../src/store/folder-lock.ts'

const PROJECT = join(import.meta.dirname, '..')
const DATA = '.glovebox/demo'
const REPOSITORY = `${DATA}/storefront.git`

const CONFIGURATION = `# Made by the demo, which starts this folder afresh each time.
advisories: { kind: osv-directory, path: ../../examples/advisories/npm }
services: [demo]
# One account is everybody here: whoever runs the demo lets service:demo ask, and may approve what came of it.
policies: { enable: [own-automation] }
`

process.chdir(PROJECT)
await startAfresh()
await makePrivateRepository()
note(`The private repository is ${REPOSITORY}, made from examples/storefront.`)
process.exitCode = await runTask(process.argv.slice(2))

async function startAfresh(): Promise<void> {
  await mkdir(DATA, { recursive: true, mode: 0o700 })
  const lock = await tryLockFolder(DATA)
  if (!lock) throw new Error(`${DATA} is in use by another Glovebox; stop it first`)
  await lock[Symbol.asyncDispose]()
  await rm(DATA, { recursive: true })
  await mkdir(DATA, { recursive: true, mode: 0o700 })
  await writeFile(join(DATA, 'glovebox.yaml'), CONFIGURATION, { mode: 0o600 })
}

async function makePrivateRepository(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'glovebox-demo-'))
  try {
    const tree = join(work, 'storefront')
    await cp('examples/storefront', tree, { recursive: true, filter: (source) => !source.endsWith('/node_modules') })
    git(tree, 'init', '--quiet', '--initial-branch=main')
    git(tree, 'add', '--all')
    git(
      tree,
      '-c',
      'user.name=Storefront team',
      '-c',
      'user.email=storefront@example.com',
      'commit',
      '--quiet',
      '-m',
      'Storefront',
    )
    git(work, 'clone', '--quiet', '--bare', '--no-hardlinks', tree, join(PROJECT, REPOSITORY))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** A tree that we just made, so git may run on it; the person's own git settings (signing, hooks) stay out. */
function git(cwd: string, ...argv: string[]): void {
  const env = { PATH: process.env['PATH'], HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  const { status, stderr } = spawnSync('git', argv, { cwd, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${argv.join(' ')} failed: ${stderr}`)
}

/** The command that anyone would type. Ctrl-C reaches it, too, and it says how the run ended. */
function runTask(flags: readonly string[]): Promise<number> {
  const argv = ['--data', DATA, 'run', 'fix-vulnerabilities', '--repo', REPOSITORY, '--as', 'service:demo', ...flags]
  note(`$ bin/glovebox ${argv.join(' ')}\n`)
  const child = spawn(join(PROJECT, 'bin', 'glovebox'), argv, { stdio: 'inherit' })
  const wait = (): void => {}
  process.on('SIGINT', wait)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 4))
  })
}

function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
