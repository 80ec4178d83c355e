// The same layout for guest and strace: equal bubblewrap arguments, mounts, environment and paths. Only PID 1 differs.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import { chown, lchown, mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import { systemRoot } from '../../src/sandbox/bubblewrap/system-root.ts'
import { openToolchain } from '../../src/sandbox/toolchain.ts'
import type { Mount } from '../../src/sandbox/types.ts'
import { IS_ROOT } from '../machine.ts'
import type { Layout } from './witnessed-tree.ts'

const ROOT = join(import.meta.dirname, '../..')
const BUILD = join(ROOT, 'build')

export const GUEST = join(BUILD, 'guest/glovebox-guest')
export const STAGE = join(BUILD, 'guest/glovebox-stage')
export const PROGRAMS = '/opt/programs'
/** A uid range that neither real sandboxes nor other tests use. */
export const UIDS = { first: 830_000, last: 839_999 }
export const MIB = 1024 ** 2
export const LIMITS = { memoryBytes: 4096 * MIB, processes: 2048, workspaceBytes: 2048 * MIB }

export interface Ground extends AsyncDisposable {
  folder: string
  mounts: readonly Mount[]
  env: Readonly<Record<string, string>>
  layout: Layout
}

export async function openGround(): Promise<Ground> {
  execFileSync('flock', [join(BUILD, 'guest.lock'), 'make', '-s', '-C', join(ROOT, 'guest'), 'all'])
  execFileSync('flock', [join(BUILD, 'completeness.lock'), 'make', '-s', '-C', join(import.meta.dirname, 'programs')])
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-completeness-'))
  chmodSync(folder, 0o711)
  const toolchain = await openToolchain({
    modules: join(ROOT, 'node_modules'),
    nodeProgram: process.execPath,
    nodeVersion: process.versions.node,
    folder: join(folder, 'toolchain'),
  })
  const mounts = [...toolchain.mounts, { source: join(BUILD, 'completeness'), target: PROGRAMS }]
  const root = systemRoot()
  const links = Object.fromEntries(
    root.flatMap((entry) => (entry.kind === 'symlink' ? [[entry.path, entry.target]] : [])),
  )
  const shown = root.flatMap((entry) =>
    entry.kind === 'bind' || entry.kind === 'file' ? [{ source: entry.path, target: entry.path }] : [],
  )
  return {
    folder,
    mounts,
    layout: { mounts: [...mounts, ...shown], links },
    env: {
      PATH: [...toolchain.path, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      HOME: '/home/glovebox',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      TMPDIR: '/tmp',
      // bubblewrap sets it for the program that it starts.
      PWD: '/workspace',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.com',
      // The id of a commit depends on its time.
      GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
      GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
      GIT_CONFIG_NOSYSTEM: '1',
    },
    [Symbol.asyncDispose]: () => removeTree(folder),
  }
}

/** Hands a tree that the test made to the sandbox's user. */
export async function giveTo(folder: string, uid: number): Promise<void> {
  if (!IS_ROOT) return
  await chown(folder, uid, uid)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    await lchown(join(entry.parentPath, entry.name), uid, uid)
}

export async function freshFolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name)
  await mkdir(path, { recursive: true, mode: 0o711 })
  return path
}
