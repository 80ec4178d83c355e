// The environment of every command in a sandbox. It contains nothing from the host, nothing secret, nothing random, and
// nothing that differs between two runs of a task on the same commit.
import type { Run } from '../domain/run.ts'
import type { Gateway } from '../gateway/types.ts'
import type { Toolchain } from '../sandbox/types.ts'

export const WORKSPACE = '/workspace'
export const REPOSITORY_PATH = `${WORKSPACE}/repo`
export const ARTIFACTS_PATH = '/tmp/artifacts'
/** File with the review comments of an attempt. */
export const REVIEW_PATH = '/etc/glovebox/review.txt'

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** Default commit identity in a sandbox. Merges by the host use `glovebox@glovebox.invalid`. */
export const IN_BOX = { name: 'Glovebox', email: 'run@glovebox.invalid' } as const

export interface EnvironmentOptions {
  toolchain: Toolchain
  gateway: Gateway
  /** Commit time of the run's base commit, in seconds since the epoch. */
  baseTime: number
  /** Hosts from which repositories may be fetched. */
  gitHosts: readonly string[]
  /** Whether there are review comments. */
  reviewed?: boolean
}

export function baseEnvironment(
  run: Pick<Run, 'task'>,
  { toolchain, gateway, baseTime, gitHosts, reviewed = false }: EnvironmentOptions,
): Record<string, string> {
  // Git reads a number below 100,000,000 as seconds only after an `@`.
  const gitDate = `@${commitDate(baseTime)} +0000`
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
    ...otherRepositories(gitHosts),
    GIT_AUTHOR_NAME: IN_BOX.name,
    GIT_AUTHOR_EMAIL: IN_BOX.email,
    GIT_AUTHOR_DATE: gitDate,
    GIT_COMMITTER_NAME: IN_BOX.name,
    GIT_COMMITTER_EMAIL: IN_BOX.email,
    GIT_COMMITTER_DATE: gitDate,
    SOURCE_DATE_EPOCH: String(baseTime),
    GLOVEBOX: '1',
    GLOVEBOX_TASK: run.task,
    GLOVEBOX_ARTIFACTS: ARTIFACTS_PATH,
    ...(reviewed ? { GLOVEBOX_REVIEW: REVIEW_PATH } : {}),
  }
}

/** Later than the parent, and the same each time: the id of a commit holds its dates. Seconds since the epoch. */
export function commitDate(baseTime: number): number {
  return baseTime + 1
}

/**
 * Settings for other repositories. Submodules and dependencies often have ssh addresses, but ssh can't leave the
 * sandbox. For allowed hosts, git rewrites ssh addresses to https; for others, one sentence explains the failure. The
 * clone skips Git LFS files, because it would fail without access to them. A step that needs them runs `git lfs pull`.
 */
function otherRepositories(gitHosts: readonly string[]): Record<string, string> {
  const settings = gitHosts.flatMap((host) =>
    [`ssh://git@${host}/`, `git@${host}:`, `git://${host}/`].map((address) => ({
      key: `url.https://${host}/.insteadOf`,
      value: address,
    })),
  )
  return {
    GIT_SSH_COMMAND: `echo '${NO_SSH}' >&2; exit 1; :`,
    GIT_LFS_SKIP_SMUDGE: '1',
    ...(settings.length > 0 && { GIT_CONFIG_COUNT: String(settings.length) }),
    ...Object.fromEntries(settings.map(({ key }, at) => [`GIT_CONFIG_KEY_${at}`, key])),
    ...Object.fromEntries(settings.map(({ value }, at) => [`GIT_CONFIG_VALUE_${at}`, value])),
  }
}

/** Message for a shell, which reads it between single quotes. */
const NO_SSH = [
  'Glovebox: ssh does not leave the sandbox. Use the https address;',
  'where `reach` of the task names the host, its ssh addresses are read as https (docs/tasks.md)',
].join(' ')
