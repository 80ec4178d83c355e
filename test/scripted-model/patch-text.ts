// The patch format of Codex's apply_patch: github.com/openai/codex, codex-rs/apply-patch/apply_patch_tool_instructions.md

export function updatePatch(path: string, old: string, replacement: string): string {
  return patch(`*** Update File: ${path}`, '@@', marked('-', old), marked('+', replacement))
}

export function addPatch(path: string, content: string): string {
  return patch(`*** Add File: ${path}`, marked('+', content))
}

function patch(...lines: string[]): string {
  return ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n')
}

function marked(mark: string, text: string): string {
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text
  return lines
    .split('\n')
    .map((line) => mark + line)
    .join('\n')
}
