// A beginner's desk: the real command line in this process, on a real data folder, with repositories of several kinds.
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CliEnvironment, OutputStream } from '../../../src/cli/cli-environment.ts'
import { runCli } from '../../../src/cli/run-cli.ts'
import { openContext } from '../../../src/context.ts'
import type { Context } from '../../../src/services/types.ts'
import { makeDataFolder } from '../../data-folder.ts'
import { testFolder } from '../../test-folder.ts'

export interface Typed {
  code: number
  stdout: string
  stderr: string
}

export interface TypeOptions {
  env?: Record<string, string>
  /** Content of standard input; null: a terminal. */
  input?: string | null
  interrupted?: AbortSignal
}

export interface Desk extends AsyncDisposable {
  readonly folder: string
  readonly data: string
  readonly context: Context
  /** Types a command in the folder. Ids, the folder's path and times become <run>, <folder> and <time> in the answer. */
  type(args: readonly string[], options?: TypeOptions): Promise<Typed>
  /** The same, but each command opens the data folder anew, as in a process of its own. */
  typeAfresh(args: readonly string[], options?: TypeOptions): Promise<Typed>
}

export async function openDesk(configuration?: string): Promise<Desk> {
  await using opening = new AsyncDisposableStack()
  const { path: folder } = opening.use(await testFolder())
  const data = join(folder, 'data')
  await makeDataFolder(data, configuration)
  await makeRepositories(folder)
  const context = opening.use(await openContext({ dataFolder: data, work: true }))
  const shared = async (): Promise<Context> => ({ ...context, [Symbol.asyncDispose]: async () => {} })
  const resources = opening.move()
  return {
    folder,
    data,
    context,
    type: (args, options = {}) => typeIn(folder, data, shared, args, options),
    typeAfresh: (args, options = {}) => typeIn(folder, data, openContext, args, options),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function typeIn(
  folder: string,
  data: string,
  open: CliEnvironment['openContext'],
  args: readonly string[],
  { env = {}, input = '', interrupted = new AbortController().signal }: TypeOptions,
): Promise<Typed> {
  const [stdout, stderr] = [memory(), memory()]
  const code = await runCli(args, {
    stdin: () => Object.assign(Readable.from(input === null ? [] : [Buffer.from(input)]), { isTTY: input === null }),
    stdout,
    stderr,
    startsPager: false,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, GLOVEBOX_DATA: data, ...env },
    cwd: folder,
    version: '1.2.3',
    person: { id: 'user:newcomer' },
    openContext: open,
    apiToken: async (path) => ({ token: 't'.repeat(43), file: `${path}/api-token` }),
    interrupted,
    interruptedAgain: new AbortController().signal,
    recentNames: async () => [],
  })
  return { code, stdout: plain(stdout.text(), folder), stderr: plain(stderr.text(), folder) }
}

/** Replaces what differs from one day to the next. */
function plain(text: string, folder: string): string {
  return text
    .replaceAll(folder, '<folder>')
    .replace(/\b[0-9a-hjkmnp-tv-z]{20}\b/g, '<id>')
    .replace(/ after [\d.]+ m?s\b/g, ' after <time>')
}

export interface Mistake {
  mistake: string
  args: readonly string[]
  env?: Record<string, string>
  input?: string | null
  code: number
  /** The lines on standard error. */
  says: readonly string[]
}

/** One test for each mistake, all at one desk: the whole of standard error, the exit code, and nothing on standard output. */
export function holdMistakes(mistakes: readonly Mistake[]): void {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk()
  })
  afterAll(() => desk[Symbol.asyncDispose]())
  test.each(mistakes)('$mistake', async ({ args, code, says, ...options }) => {
    const typed = await desk.type(args, options)
    expect(typed).toEqual({ code, stdout: '', stderr: `${says.join('\n')}\n` })
  })
}

function memory(): OutputStream & { text(): string } {
  const chunks: Buffer[] = []
  return {
    write(chunk, done) {
      chunks.push(Buffer.from(chunk))
      setImmediate(() => done?.())
      return true
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}

async function makeRepositories(folder: string): Promise<void> {
  const shop = join(folder, 'shop')
  await mkdir(join(shop, '.glovebox/tasks'), { recursive: true })
  await writeFile(join(shop, 'README.md'), 'hello\n')
  git(shop, 'init', '-q', '-b', 'main')
  git(shop, 'add', '.')
  git(shop, '-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-q', '-m', 'start')
  git(shop, 'branch', 'feature/cart')
  await mkdir(join(folder, 'plain'))
  await mkdir(join(folder, 'empty'))
  git(join(folder, 'empty'), 'init', '-q')
  await writeFile(join(folder, 'file'), 'text\n')
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
  })
}
