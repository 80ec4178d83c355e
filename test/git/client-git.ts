// The real git client, as someone in a sandbox would use it.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface ClientResult {
  code: number
  stdout: string
  stderr: string
}

export interface ClientGit {
  (
    args: readonly string[],
    options?: { cwd?: string; env?: Record<string, string>; input?: string | Uint8Array },
  ): Promise<ClientResult>
}

/** git with a HOME of its own and a fixed identity and date. */
export async function createClientGit(folder: string): Promise<ClientGit> {
  const home = join(folder, 'client-home')
  await mkdir(home, { recursive: true })
  const fixed = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    GIT_AUTHOR_DATE: '@1700000000 +0000',
    GIT_COMMITTER_DATE: '@1700000000 +0000',
  }
  const settings = [
    '-c',
    'init.defaultBranch=main',
    '-c',
    'advice.detachedHead=false',
    '-c',
    'protocol.file.allow=always',
    '-c',
    'gc.auto=0',
  ]
  return (args, options = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn('git', [...settings, ...args], {
        cwd: options.cwd ?? folder,
        env: { ...fixed, ...options.env },
      })
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('latin1')))
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
      child.stdin.on('error', () => {})
      child.stdin.end(options.input)
    })
}

/** Fails the test with git's own words when git fails. */
export async function mustGit(git: ClientGit, ...call: Parameters<ClientGit>): Promise<string> {
  const { code, stdout, stderr } = await git(...call)
  if (code !== 0) throw new Error(`git ${call[0].join(' ')} failed: ${stderr}`)
  return stdout.trim()
}
