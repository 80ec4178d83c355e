// What every git on the host is told, whatever a configuration file says. Each line closes a way to run a program or
// to reach somewhere; `-c` wins over the configuration of the repository.

/** Transports that a call may use; none unless it says so. */
export type GitProtocol = 'file' | 'https' | 'http'

const SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.sshCommand=false',
  'core.pager=cat',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'credential.helper=',
  'protocol.allow=never',
  'protocol.ext.allow=never',
  'gc.auto=0',
  'maintenance.auto=false',
  'receive.autogc=false',
  'transfer.fsckObjects=true',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  'push.recurseSubmodules=no',
  'push.followTags=false',
  'push.gpgSign=false',
  'commit.gpgSign=false',
  'log.showSignature=false',
  'safe.bareRepository=explicit',
]

export const HARDENED_ARGUMENTS: readonly string[] = [
  '--no-pager',
  '--no-replace-objects',
  '--literal-pathspecs',
  '--no-optional-locks',
  ...SETTINGS.flatMap((setting) => ['-c', setting]),
]

export interface GitSurroundings {
  /** PATH for git and what it starts. */
  path: string
  /** An empty folder of ours. */
  home: string
  /** How the outside is reached from this machine, such as `https_proxy`; only calls that go there get it. */
  network: Readonly<Record<string, string>>
}

/** Built from nothing: no variable of the server's own environment reaches git. */
export function gitEnvironment(
  options: GitSurroundings & { protocols: readonly GitProtocol[] },
): Record<string, string> {
  return {
    ...(options.protocols.some((protocol) => protocol !== 'file') ? options.network : {}),
    PATH: options.path,
    HOME: options.home,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // A partial clone that lacks an object would fetch it from wherever its configuration says (CVE-2024-32004).
    GIT_NO_LAZY_FETCH: '1',
    // Outside a repository of ours, git must not find one by walking up.
    GIT_CEILING_DIRECTORIES: options.home,
    GIT_ALLOW_PROTOCOL: options.protocols.length > 0 ? options.protocols.join(':') : 'none',
  }
}

/**
 * The programs that git starts on the far side of a local transport. The near side's `-c` does not reach them, and the
 * repository's configuration, which may be hostile, does: hooks, alternateRefsCommand (runs a shell), updateInstead
 * (touches a work tree). With receive.procReceiveRefs set, git wants its hook and refuses the push. The shell expands
 * two variables only; no path is part of the text.
 */
const FAR_SIDE = [
  'git --no-replace-objects -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true',
  '-c gc.auto=0 -c maintenance.auto=false -c receive.autogc=false -c receive.denyCurrentBranch=refuse',
  '-c receive.denyNonFastForwards=true -c receive.denyDeletes=true -c receive.fsckObjects=true',
  '-c safe.directory="$GLOVEBOX_FORGE" -c safe.directory="$GLOVEBOX_FORGE/.git"',
].join(' ')

export const FAR_UPLOAD_PACK = `${FAR_SIDE} upload-pack`
export const FAR_RECEIVE_PACK = `${FAR_SIDE} receive-pack`

/** safe.directory is for the one repository that the requester named, and no other. */
export function farSideEnvironment(repository: string): Record<string, string> {
  return { GLOVEBOX_FORGE: repository }
}
