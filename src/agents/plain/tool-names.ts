// Maps a tool's name to its kind in the Agent Client Protocol.
import type { ToolKind } from '../types.ts'

const KINDS: readonly (readonly [RegExp, ToolKind])[] = [
  [/^(bash|shell|run_shell_command|exec_command|execute|terminal|command_execution)/i, 'execute'],
  [/^(edit|multiedit|write|replace|write_file|notebookedit|patch|apply_patch|file_change)/i, 'edit'],
  [/^(read|read_file|read_many_files|view|cat)/i, 'read'],
  [/^(grep|glob|search|list|ls|find|search_file_content|list_directory)/i, 'search'],
  [/^(webfetch|web_fetch|websearch|web_search|google_web_search|fetch)/i, 'fetch'],
  [/^(think|todo|plan)/i, 'think'],
]

export function toolKindOf(name: string): ToolKind {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other'
}
