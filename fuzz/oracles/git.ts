// Oracle: real git, which shows how it reads a request.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ENV = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  LC_ALL: 'C',
}

export interface GitAnswer {
  status: number | null
  stdout: Buffer
  stderr: string
}

export function runGit(args: readonly string[], input: Uint8Array, env: Record<string, string> = {}): GitAnswer {
  const { status, stdout, stderr } = spawnSync('git', args, {
    env: { ...ENV, ...env },
    input,
    timeout: 20_000,
    maxBuffer: 1 << 26,
  })
  return { status, stdout, stderr: stderr.toString('latin1') }
}

/** Calls `use` with the path of an empty bare repository and removes it afterwards. */
export function withRepository<T>(format: 'sha1' | 'sha256', use: (repository: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-git-'))
  try {
    runGit(['init', '--quiet', '--bare', `--object-format=${format}`, join(folder, 'r.git')], new Uint8Array())
    return use(join(folder, 'r.git'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Payloads of the pkt-lines that a git program read, from its GIT_TRACE_PACKET output. */
export function tracedPackets(stderr: string, program: string): string[] {
  const lines = stderr.split('\n').flatMap((line) => line.split(`packet: ${program.padStart(12)}< `).slice(1, 2))
  return lines
}
