// The git commands that Claude Code (2.1.318) runs by itself. It starts them before its session is open and does not
// wait for them.
import type { HabitWord } from '../../domain/said-did/habits.ts'

/** Its settings that disable a repository's hooks, monitors, prompts, signature checks and maintenance. */
const HOOKS = [
  ...['applypatch-msg', 'pre-applypatch', 'post-applypatch', 'pre-commit', 'pre-merge-commit', 'prepare-commit-msg'],
  ...['commit-msg', 'post-commit', 'pre-rebase', 'post-checkout', 'post-merge', 'pre-push', 'pre-receive', 'update'],
  ...['proc-receive', 'post-receive', 'post-update', 'reference-transaction', 'push-to-checkout', 'pre-auto-gc'],
  ...['post-rewrite', 'sendemail-validate', 'fsmonitor-watchman', 'p4-changelist', 'p4-prepare-changelist'],
  ...['p4-post-changelist', 'p4-pre-submit', 'post-index-change'],
]
const GUARDS = settings(
  'core.askPass=',
  'protocol.ext.allow=never',
  `core.alternateRefsCommand=f() { git --git-dir="$1" for-each-ref --format='%(objectname)'; }; f`,
  'submodule.recurse=false',
  'log.showSignature=false',
  'format.pretty=medium',
  'gc.auto=0',
  'maintenance.auto=false',
  'diff.autoRefreshIndex=false',
  ...HOOKS.map((hook) => `hook.${hook}.enabled=false`),
)
const PLAIN = ['git', ...settings('core.hooksPath=/dev/null', 'core.fsmonitor=')]
const GUARDED = [/.*\/git/, ...settings('core.fsmonitor=', 'core.hooksPath=/dev/null'), ...GUARDS]
/** The same, for commands in which Claude Code puts the two `core` settings last. */
const GUARDED_LAST = [/.*\/git/, ...GUARDS, ...settings('core.hooksPath=/dev/null', 'core.fsmonitor=')]

export const CLAUDE_GIT: readonly (readonly HabitWord[])[] = [
  [...PLAIN, 'worktree', 'list', '--porcelain'],
  [
    ...[...PLAIN, '-C', /\/workspace(\/[\w.-]+)*/],
    ...['ls-files', '--error-unmatch', '--', ':(icase).claude/settings.local.json'],
  ],
  [...GUARDED_LAST, '--version'],
  [...GUARDED_LAST, '-C', /\/workspace(\/[\w.-]+)*/, 'worktree', 'list', '--porcelain', '-z'],
  [...GUARDED_LAST, 'remote', 'get-url', 'origin'],
  [...GUARDED_LAST, 'remote', 'get-url', '--push', 'origin'],
  [...GUARDED_LAST, 'config', '--get', 'remote.origin.url'],
  [...GUARDED, '--no-optional-locks', 'status', '--short', '--ignore-submodules=dirty'],
  [...GUARDED, '--no-optional-locks', 'log', '--oneline', '-n', '5'],
  [...GUARDED, 'config', 'user.name'],
]

function settings(...values: readonly string[]): string[] {
  return values.flatMap((value) => ['-c', value])
}
