// Finds file paths and commands in the input of a tool call. Agents use different names for the same fields.

const COMMAND_KEYS = ['command', 'cmd', 'argv']
const PATH_KEYS = [
  'path',
  'file_path',
  'filePath',
  'filepath',
  'file',
  'filename',
  'fileName',
  'notebook_path',
  'absolute_path',
  'abs_path',
  'target_file',
  'dir_path',
  'paths',
  'files',
  'file_paths',
  'filePaths',
]

/** The command line, or undefined. An argv is quoted so that a shell would split it into the same words. */
export function commandIn(input: unknown): string | undefined {
  const fields = asRecord(input)
  if (fields === null) return undefined
  for (const key of COMMAND_KEYS) {
    const value = fields[key]
    if (typeof value === 'string' && value !== '') return value
    if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string'))
      return value.map(quoted).join(' ')
  }
  return undefined
}

export function pathsIn(input: unknown): string[] {
  const fields = asRecord(input)
  if (fields === null) return []
  const named = PATH_KEYS.flatMap((key) => strings(fields[key]))
  // Codex: the keys of `changes` are the files of a patch.
  const changes = fields['changes']
  const changed = asRecord(changes) === null ? [] : Object.keys(changes as object)
  return [...named, ...changed]
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (!Array.isArray(value)) return []
  return value.flatMap((entry) =>
    typeof entry === 'string' ? [entry] : asRecord(entry) === null ? [] : pathsOfEntry(entry),
  )
}

function pathsOfEntry(entry: Record<string, unknown>): string[] {
  return ['path', 'file_path', 'filePath'].map((key) => entry[key]).filter((path) => typeof path === 'string')
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
