// The files of a unified diff as git writes it, with their counts. The diff's content is the run's: attacker-controlled.
// Only lines outside hunks are headers; how long a hunk is says its own head, so content can not pose as a header.

export interface ChangedFile {
  /** As git quotes it; printable. */
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

/** `diff --git a/x b/x` is ambiguous for names with ` b/` in them; both names are as long unless it is a rename. */
function pathOfHeader(line: string): string {
  const names = line.slice('diff --git '.length)
  const half = (names.length - 1) / 2
  const [left, right] = [names.slice(0, half), names.slice(half + 1)]
  if (names[half] === ' ' && left.replace(/^"?a\//, '') === right.replace(/^"?b\//, ''))
    return unquote(right).replace(/^b\//, '')
  return names
}

/** The lines after a header that name the file beyond doubt. */
function pathOfFileLine(line: string): string | null {
  if (line.startsWith('rename to ')) return unquote(line.slice('rename to '.length))
  if (line.startsWith('+++ ') && line !== '+++ /dev/null')
    return unquote(line.slice(4).replace(/\t$/, '')).replace(/^b\//, '')
  return null
}

/** git's C-style quotes go; its escapes stay, as they are printable. */
function unquote(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name
}
