// The files of a unified diff from git, with their line counts. The content comes from the run and is
// attacker-controlled. Only lines outside hunks are headers. Each hunk states its own length, so content can't pose as
// a header.

export interface ChangedFile {
  /** Path in git's quoting; printable. */
  path: string
  insertions: number
  deletions: number
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/

export function filesOfDiff(diff: string): ChangedFile[] {
  const files: ChangedFile[] = []
  let current: ChangedFile | null = null
  let oldLeft = 0
  let newLeft = 0
  for (const line of diff.split('\n')) {
    if (current !== null && (oldLeft > 0 || newLeft > 0)) {
      if (line.startsWith('+')) {
        current.insertions++
        newLeft--
      } else if (line.startsWith('-')) {
        current.deletions++
        oldLeft--
      } else if (!line.startsWith('\\')) {
        oldLeft--
        newLeft--
      }
      continue
    }
    if (line.startsWith('diff --git ')) {
      current = { path: pathOfHeader(line), insertions: 0, deletions: 0 }
      files.push(current)
      continue
    }
    const hunk = HUNK.exec(line)
    if (hunk) {
      oldLeft = Number(hunk[1] ?? 1)
      newLeft = Number(hunk[2] ?? 1)
    } else if (current !== null) current.path = pathOfFileLine(line) ?? current.path
  }
  return files
}

/**
 * Path of a header line. `diff --git a/x b/x` is ambiguous for names with ` b/`, but both names have the same length
 * unless it is a rename.
 */
function pathOfHeader(line: string): string {
  const names = line.slice('diff --git '.length)
  const half = (names.length - 1) / 2
  const [left, right] = [names.slice(0, half), names.slice(half + 1)]
  if (names[half] === ' ' && left.replace(/^"?a\//, '') === right.replace(/^"?b\//, ''))
    return unquote(right).replace(/^b\//, '')
  return names
}

/** Path from a line after the header that names the file unambiguously. */
function pathOfFileLine(line: string): string | null {
  if (line.startsWith('rename to ')) return unquote(line.slice('rename to '.length))
  if (line.startsWith('+++ ') && line !== '+++ /dev/null')
    return unquote(line.slice(4).replace(/\t$/, '')).replace(/^b\//, '')
  return null
}

/** Removes git's C-style quotes and keeps its escapes, which are printable. */
function unquote(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name
}
