// What is wrong with a file that a person wrote: where, what, and the cure.

export interface SourceProblem {
  /** Counted from 1; null when the problem has no place in the file. */
  line: number | null
  column: number | null
  message: string
  cure: string | null
}

/** `file:line:column: what, and the cure` */
export function sourceProblemLine(file: string, { line, column, message, cure }: SourceProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return `${place}: ${message}${cure === null ? '' : `; ${cure}`}`
}

export function byPlace(a: SourceProblem, b: SourceProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

/** A rule that a file breaks, at a path into its parsed value. */
export interface RuleProblem {
  path: readonly PropertyKey[]
  message: string
  cure: string | null
}
