// Runs the same workload in the same sandbox without the guest, under strace, which observes it from outside.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bwrapArguments } from '../../src/sandbox/bubblewrap/bwrap-arguments.ts'
import { CopiedFiles } from '../../src/sandbox/bubblewrap/copied-files.ts'
import { requireTool } from '../../src/sandbox/on-host/find-tool.ts'
import { stageOptions } from '../../src/sandbox/bubblewrap/outer-arguments.ts'
import { SANDBOX_UID } from '../../src/sandbox/bubblewrap/bwrap-arguments.ts'
import { syntheticFiles } from '../../src/sandbox/on-host/synthetic-files.ts'
import { systemRoot } from '../../src/sandbox/bubblewrap/system-root.ts'
import { TOOL_PATH } from '../../src/sandbox/on-host/run-tool.ts'
import { IS_ROOT } from '../machine.ts'
import { freshFolder, giveTo, GUEST, STAGE, LIMITS, UIDS } from './ground.ts'
import type { Ground } from './ground.ts'
import { replay } from './replay-strace.ts'
import type { Entry, Testimony } from './replay-strace.ts'
import { parseLine } from './strace-line.ts'
import type { Workload } from './workload.ts'
import { WitnessedTree } from './witnessed-tree.ts'

const CALLS =
  'execve,execveat,clone,clone3,?fork,?vfork,unshare,chdir,fchdir,memfd_create,?open,openat,openat2,?creat,truncate,?mkdir,mkdirat,?mknod,mknodat,?symlink,symlinkat,?link,linkat,?unlink,unlinkat,?rmdir,?rename,?renameat,renameat2'

/** One log per thread, every byte in hexadecimal, nothing omitted. */
const STRACE = ['-ff', '-qq', '-y', '-xx', '-s', '4194304', '--seccomp-bpf']
const CLOCK = '--absolute-timestamps=format:unix,precision:ns'

export interface Witnessed extends Testimony {
  code: number | null
  output: string
}

export async function witnessIt(ground: Ground, workload: Pick<Workload, 'argv' | 'seed'>): Promise<Witnessed> {
  const folder = await freshFolder(ground.folder, `witness-${crypto.randomUUID().slice(0, 8)}`)
  try {
    const workspace = join(folder, 'workspace')
    await mkdir(workspace, { mode: 0o700 })
    await workload.seed?.(workspace)
    await giveTo(workspace, UIDS.last)
    const tree = new WitnessedTree(ground.layout, workspace)
    const box = boxed(ground, folder, workspace, workload.argv)
    const logs = await freshFolder(folder, 'logs')
    const { code, output } = await run(
      ['strace', ...STRACE, CLOCK, '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', join(logs, 'log'), ...box.argv],
      folder,
      box.files,
    )
    const head = (path: string) => readHead(tree.hostPath(path) ?? join(workspace, path.slice('/workspace'.length)))
    return { ...replay(await entriesOf(logs), workload.argv, tree, head), code, output }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * The sandbox of the provider, with the workload instead of the guest. It has no pid namespace, so that the ids that fork
 * returns are the names of strace's logs. (strace can translate ids, but takes 15 ms per process.)
 */
function boxed(
  ground: Ground,
  folder: string,
  workspace: string,
  argv: readonly string[],
): { argv: string[]; files: readonly string[] } {
  const [linkSocket, gatewaySocket] = [join(folder, 'link'), join(folder, 'gateway')]
  for (const path of [linkSocket, gatewaySocket]) writeFileSync(path, '')
  const files = syntheticFiles(SANDBOX_UID).map(({ target, content }, index) => {
    writeFileSync(join(folder, `file${index}`), content)
    return { source: `file${index}`, target }
  })
  const plain = {
    workspace,
    guest: GUEST,
    linkSocket,
    gatewaySocket,
    mounts: ground.mounts,
    filesFolder: folder,
    ownFilesFolder: folder,
    files,
  }
  const staged = IS_ROOT ? stageOptions(UIDS.last, plain) : { options: [], sources: plain }
  const copied = new CopiedFiles()
  const spec = { env: ground.env, gatewayPort: 1, limits: LIMITS }
  const inner = bwrapArguments(spec, staged.sources, systemRoot(), [], copied)
  const options = inner
    .slice(0, inner.indexOf('--') + 1)
    .filter((option) => option !== '--as-pid-1' && option !== '--unshare-pid')
  options.splice(options.indexOf('--proc'), 2, '--bind', '/proc', '/proc')
  const box = [STAGE, ...staged.options, '--', requireTool('bwrap', ''), ...options, ...argv]
  return { argv: box, files: copied.paths }
}

async function run(
  argv: readonly string[],
  folder: string,
  files: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const [command = '', ...args] = argv
  const path = join(folder, 'output')
  const [output, info] = [openSync(path, 'w'), openSync(join(folder, 'info'), 'w')]
  const opened = files.map((file) => openSync(file, 'r'))
  try {
    const child = spawn(command, args, {
      stdio: ['ignore', output, output, info, ...opened],
      env: { PATH: TOOL_PATH },
      cwd: '/',
    })
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('exit', resolve),
    )
    return { code, output: readFileSync(path, 'utf8') }
  } finally {
    for (const fd of [output, info, ...opened]) closeSync(fd)
  }
}

/** The calls of all threads, in the order of their starts. */
async function entriesOf(logs: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const name of await readdir(logs)) {
    const tid = Number(name.slice('log.'.length))
    for (const line of readFileSync(join(logs, name), 'latin1').split('\n')) {
      const call = line === '' ? null : parseLine(line)
      if (call) entries.push({ ...call, tid })
    }
  }
  return entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** A program that was removed can't be read any more. No workload removes a script. */
function readHead(path: string): string {
  try {
    return readFileSync(path, 'latin1').slice(0, 256)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
