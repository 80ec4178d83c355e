// What every command in a sandbox finds in its environment: nothing of the host, nothing secret, nothing random.
import type { Run } from '../domain/run.ts'
import type { Gateway } from '../gateway/types.ts'
import type { Toolchain } from '../sandbox/types.ts'

export const WORKSPACE = '/workspace'
export const REPOSITORY_PATH = `${WORKSPACE}/repo`
export const ARTIFACTS_PATH = '/tmp/artifacts'

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

export function baseEnvironment(run: Run, toolchain: Toolchain, gateway: Gateway): Record<string, string> {
  const committer = { name: 'Glovebox', email: `run-${run.id}@glovebox.invalid` }
  return {
    ...toolchain.environment,
    ...gateway.environment,
    PATH: [...toolchain.path, ...SYSTEM_PATH].join(':'),
    HOME: '/home/glovebox',
    USER: 'glovebox',
    LOGNAME: 'glovebox',
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    TERM: 'dumb',
    CI: 'true',
    TMPDIR: '/tmp',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: committer.name,
    GIT_AUTHOR_EMAIL: committer.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GLOVEBOX: '1',
    GLOVEBOX_RUN: run.id,
    GLOVEBOX_TASK: run.task,
    GLOVEBOX_ARTIFACTS: ARTIFACTS_PATH,
  }
}
