// The error for invalid policies: each problem has its position in the file and a cure.

export interface PolicyProblem {
  file: string
  /** Counted from 1; null if the problem concerns the file as a whole. */
  line: number | null
  column: number | null
  message: string
  cure: string | null
}

export type PolicyErrorCode = 'invalid-policy' | 'duplicate-id' | 'unknown-policy' | 'unreadable' | 'invalid-schema'

export class PolicyError extends Error {
  readonly code: PolicyErrorCode
  readonly problems: readonly PolicyProblem[]
  constructor(code: PolicyErrorCode, problems: readonly PolicyProblem[]) {
    super(problems.map(problemLine).join('\n'))
    this.name = 'PolicyError'
    this.code = code
    this.problems = problems
  }
}

/** `file:line:column: message; cure` */
export function problemLine({ file, line, column, message, cure }: PolicyProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return `${place}: ${message}${cure === null ? '' : `; ${cure}`}`
}
