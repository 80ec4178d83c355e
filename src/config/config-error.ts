import { sourceProblemLine, type SourceProblem } from '../domain/task/source-problem.ts'

export type ConfigErrorCode =
  | 'unknown-variable'
  | 'bad-variable'
  | 'bad-flag'
  | 'bad-file'
  | 'unsafe-file'
  | 'bad-token'

/** Stops the start. `problems`: those in the configuration file that the message names; empty without a file. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode
  readonly problems: readonly SourceProblem[]
  constructor(code: ConfigErrorCode, message: string, problems: readonly SourceProblem[] = []) {
    super(message)
    this.name = 'ConfigError'
    this.code = code
    this.problems = problems
  }
}

export function fileError(file: string, problems: readonly SourceProblem[]): ConfigError {
  return new ConfigError('bad-file', problems.map((problem) => sourceProblemLine(file, problem)).join('\n'), problems)
}
