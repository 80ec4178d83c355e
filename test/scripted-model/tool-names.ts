// How the agents call what a script asks for. A request names the tools it offers; the first of a row that is offered is
// used, so that one script drives every agent. Sources: the tool lists of the agents' own requests.

export type Verb = 'read' | 'edit' | 'write' | 'run' | 'search' | 'finish'

export const TOOL_NAMES: Record<Verb, readonly string[]> = {
  //       Claude Code   Gemini CLI              opencode, own  OpenHands             Codex
  read: ['Read', 'read_file', 'read', 'file_editor'],
  edit: ['Edit', 'replace', 'edit', 'file_editor', 'apply_patch'],
  write: ['Write', 'write_file', 'write', 'file_editor', 'apply_patch'],
  run: ['Bash', 'run_shell_command', 'bash', 'terminal', 'exec_command', 'shell_command', 'shell'],
  search: ['Grep', 'grep_search', 'search_file_content', 'grep', 'search'],
  finish: ['finish'],
}

/** How the agents call the arguments. The first name that the offered tool's schema has is used. */
export const ARGUMENT_NAMES = {
  path: ['file_path', 'filePath', 'path', 'absolute_path'],
  old: ['old_string', 'oldString', 'old_str', 'old', 'old_text'],
  new: ['new_string', 'newString', 'new_str', 'new', 'new_text'],
  content: ['content', 'file_text', 'contents'],
  command: ['command', 'cmd'],
  pattern: ['pattern', 'query'],
  summary: ['summary', 'message', 'result'],
} as const

export type ArgumentMeaning = keyof typeof ARGUMENT_NAMES
