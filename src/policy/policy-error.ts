// What is wrong with a policy, where, and what to do.

export interface PolicyProblem {
  file: string
  /** Counted from 1; null when the problem has no place in the file. */
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

/** `file:line:column: what is wrong; what to do` */
export function problemLine({ file, line, column, message, cure }: PolicyProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return `${place}: ${message}${cure === null ? '' : `; ${cure}`}`
}
