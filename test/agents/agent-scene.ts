import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readScript } from '../scripted-model/script.ts'
import type { ScriptedModel } from '../scripted-model/start-scripted-model.ts'
import { startScriptedModel } from '../scripted-model/start-scripted-model.ts'
import type { AgentName } from './agent-packages.ts'
import type { Launch } from './launch.ts'
import { LAUNCHES } from './launch.ts'
import type { RefusingProxy } from './refusing-proxy.ts'
import { openRefusingProxy } from './refusing-proxy.ts'

// A repository with a failing test, a model that knows how to fix it, and an agent ready to be started.

const PROJECT = join(import.meta.dirname, '../..')

export const PROMPT = 'Make the failing test pass without changing it.'
export const KEY = 'key-of-nobody-4711'

export interface AgentScene {
  launch: Launch
  model: ScriptedModel
  proxy: RefusingProxy
  repository: string
  env: Record<string, string>
  testsPass(): boolean
  changedFiles(): string[]
}

export async function openAgentScene(name: AgentName, installed: string, asks: boolean): Promise<AgentScene> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-agent-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const script = await readScript(join(PROJECT, 'test/scripted-model/scripts/fix-leap-year.json'))
  const model = await startScriptedModel({ script, key: KEY, prefix: `/${name}` })
  onTestFinished(() => model[Symbol.asyncDispose]())
  const proxy = await openRefusingProxy()
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const launch = LAUNCHES[name]!({ installed, url: model.url, key: KEY, prompt: PROMPT, asks })
  const home = join(folder, 'home')
  const temporary = join(folder, 'tmp')
  await mkdir(home)
  await mkdir(temporary)
  await writeFiles(home, launch.files)
  const env = { ...environment(home, temporary, proxy.url), ...launch.env }
  const repository = await makeRepository(join(folder, 'repository'), env)
  return {
    launch,
    model,
    proxy,
    repository,
    env,
    testsPass: () => passes(repository, env),
    changedFiles: () => git(repository, env, 'diff', '--name-only').trim().split('\n'),
  }
}

function environment(home: string, temporary: string, proxy: string): Record<string, string> {
  // Both spellings: some read the one, some the other. The model is not behind the proxy.
  const proxies = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1,localhost' }
  const lower = Object.entries(proxies).map(([name, value]) => [name.toLowerCase(), value] as const)
  const path = `${join(PROJECT, 'node_modules/.bin')}:/usr/bin:/bin`
  return { PATH: path, HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8', ...proxies, ...Object.fromEntries(lower) }
}

async function writeFiles(home: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), text)
  }
}

async function makeRepository(folder: string, env: Record<string, string>): Promise<string> {
  await cp(join(PROJECT, 'examples/leap-year'), folder, { recursive: true })
  git(folder, env, 'init', '--quiet')
  git(folder, env, 'add', '--all')
  git(folder, env, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message=Start')
  return folder
}

function git(folder: string, env: Record<string, string>, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' })
}

function passes(repository: string, env: Record<string, string>): boolean {
  try {
    execFileSync('node', ['--test'], { cwd: repository, env, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
