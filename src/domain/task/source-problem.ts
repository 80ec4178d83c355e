// A problem in a file that a person wrote: position, message and cure.

export interface SourceProblem {
  /** Counted from 1; null if the problem concerns the file as a whole. */
  line: number | null
  column: number | null
  message: string
  cure: string | null
}

/** `file:line:column: message; cure` */
export function sourceProblemLine(file: string, { line, column, message, cure }: SourceProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return `${place}: ${message}${cure === null ? '' : `; ${cure}`}`
}

export function byPlace(a: SourceProblem, b: SourceProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

/** A violated rule, at a path into the parsed value of the file. */
export interface RuleProblem {
  path: readonly PropertyKey[]
  message: string
  cure: string | null
}
