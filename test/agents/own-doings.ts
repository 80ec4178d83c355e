// What each agent is known to do in its step without announcing it, as `trace --said-did` shows it.
import type { OwnDoings } from '../agent-runs/unexplained.ts'
import { NOTHING } from '../agent-runs/unexplained.ts'
import type { AgentName } from './agent-packages.ts'

const GIT_FOLDER = /^\w+ \/workspace\/repo\/\.git(\/|$)/

export const OWN: Partial<Record<AgentName, OwnDoings>> = {
  // Asks itself who it is, looks at the environment that a shell of the account has, and at the repository.
  'claude-code': {
    ...NOTHING,
    programs: [
      /\/claude auth status --json$/,
      /^git -c core\.hooksPath=\/dev\/null -c core\.fsmonitor= /,
      /^(\/bin\/bash -c )?env$/,
    ],
    trees: [/^\/bin\/bash -c -l SNAPSHOT_FILE=/],
    paths: [GIT_FOLDER],
  },
  // Reads files with cat, which it announces as reading, and starts its shells through a program of its own.
  codex: {
    ...NOTHING,
    programs: [
      /^git -c safe\.bareRepository=explicit /,
      /^\/proc\/self\/exe --codex-run-as-process-setup /,
      /^\/bin\/sh -c __CODEX_SNAPSHOT_OVERRIDE_SET_0=/,
      /^(\/bin\/sh -c )?cat '?src\/leap-year\.js'?$/,
    ],
    trees: [
      /^\/bin\/sh -lc __codex_snapshot_expand_env\(\)/,
      /^\/bin\/sh -c set -e; \. "\/home\/glovebox\/\.codex\/shell_snapshots\//,
    ],
    paths: [GIT_FOLDER],
  },
  'gemini-cli': { ...NOTHING, trees: [/^\/bin\/sh -c ps -o ppid=,command= -p \d+$/], paths: [GIT_FOLDER] },
  // Keeps snapshots of the tree in a repository of its own, with every step, and tries to install a package.
  opencode: {
    programs: [/^git (init|rev-parse|remote|worktree|config|-c core\.|--git-dir )/],
    trees: [],
    paths: [GIT_FOLDER, /^read \/workspace\/repo\//],
    requests: [/^GET https:\/\/registry\.npmjs\.org\/.* 403 refused$/],
  },
}
