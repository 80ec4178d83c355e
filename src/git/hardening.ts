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
  // A redirect would be a hop that nobody decided on; the message of remote.ts says what to do.
  'http.followRedirects=false',
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
 * The programs that git starts on the far side of a local transport. They run in a stand-in with a configuration of ours
 * (stand-in.ts), and the near side's `-c` does not reach them: no hooks, no update of a work tree, no programs. The shell
 * expands one variable only; no path is part of the text. Replacements and grafts would give another history than the
 * commits name. Objects are not checked once more: the forge has its own ones with whatever faults they have, and what a run adds
 * was held to all checks when it came into quarantine.
 */
const FAR_SIDE = [
  'GIT_GRAFT_FILE=/dev/null git --no-replace-objects -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true',
  '-c gc.auto=0 -c maintenance.auto=false -c receive.autogc=false -c receive.denyCurrentBranch=refuse',
  '-c receive.denyNonFastForwards=true -c receive.denyDeletes=true -c receive.fsckObjects=false',
  '-c safe.directory="$GLOVEBOX_FORGE"',
].join(' ')

export const FAR_UPLOAD_PACK = `${FAR_SIDE} upload-pack`
export const FAR_RECEIVE_PACK = `${FAR_SIDE} receive-pack`

/** safe.directory is for the one stand-in, and no other. */
export function farSideEnvironment(standIn: string): Record<string, string> {
  return { GLOVEBOX_FORGE: standIn }
}
