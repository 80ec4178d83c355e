// Arguments and environment of every git on the host. Each setting closes a way to run a program or to reach another
// machine; `-c` overrides the configuration of the repository.

/** Transports that a call may use. The default is none. */
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
  // No policy allowed the target of a redirect; the error message in remote.ts says what to do.
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
  /** PATH of git and of the programs it starts. */
  path: string
  /** An empty folder that Glovebox owns. */
  home: string
  /** Proxy variables of this machine, such as `https_proxy`; only calls that leave the machine get them. */
  network: Readonly<Record<string, string>>
}

/** The whole environment of git: it inherits no variable from the server. */
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
    // A partial clone would fetch a missing object from any place that its configuration names (CVE-2024-32004).
    GIT_NO_LAZY_FETCH: '1',
    // git must not search the parent folders for a repository.
    GIT_CEILING_DIRECTORIES: options.home,
    GIT_ALLOW_PROTOCOL: options.protocols.length > 0 ? options.protocols.join(':') : 'none',
  }
}

/**
 * The command for upload-pack and receive-pack on the far side of a local transport. They run in a stand-in with a
 * configuration that Glovebox wrote (stand-in.ts), and the near side's `-c` does not reach them. So the settings are
 * repeated: no hooks, no update of a work tree, no programs. The shell expands only one variable; the command contains no
 * path. Replacements and grafts are off, since they would show a different history than the commits name. receive-pack
 * does not check objects again: the forge's own objects may have faults, and the objects of a run passed all checks when
 * they entered the quarantine.
 */
const FAR_SIDE = [
  'GIT_GRAFT_FILE=/dev/null git --no-replace-objects -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand=true',
  '-c gc.auto=0 -c maintenance.auto=false -c receive.autogc=false -c receive.denyCurrentBranch=refuse',
  '-c receive.denyNonFastForwards=true -c receive.denyDeletes=true -c receive.fsckObjects=false',
  '-c safe.directory="$GLOVEBOX_FORGE"',
].join(' ')

export const FAR_UPLOAD_PACK = `${FAR_SIDE} upload-pack`
export const FAR_RECEIVE_PACK = `${FAR_SIDE} receive-pack`
/** For a branch whose work tree Glovebox updates itself (checked-out.ts). */
export const FAR_RECEIVE_CHECKED_OUT = `${FAR_SIDE} -c receive.denyCurrentBranch=ignore receive-pack`

/** Names the only stand-in that safe.directory allows. */
export function farSideEnvironment(standIn: string): Record<string, string> {
  return { GLOVEBOX_FORGE: standIn }
}
