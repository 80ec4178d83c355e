// Words for the end of a command, which a person reads. The numbers are Linux's and the shell's.

/** Signals that end a process, by number (signal(7)). */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [11, 'SIGSEGV'],
  [13, 'SIGPIPE'],
  [14, 'SIGALRM'],
  [15, 'SIGTERM'],
  [24, 'SIGXCPU'],
  [25, 'SIGXFSZ'],
  [31, 'SIGSYS'],
])
const SHELL_SIGNAL = 128

/** For example `exited with 127 (a command was not found)`, or `was ended by SIGKILL`. */
export function exitWords({ code, signal }: { code: number | null; signal: number | null }): string {
  if (signal !== null) return `was ended by ${signalName(signal)}`
  if (code === null) return 'did not exit'
  const why = exitMeaning(code)
  return `exited with ${code}${why === null ? '' : ` (${why})`}`
}

function signalName(signal: number): string {
  return SIGNALS.get(signal) ?? `signal ${signal}`
}

/** The shell's meaning of an exit code; null if only the program knows. */
function exitMeaning(code: number): string | null {
  if (code === 126) return 'a file could not be executed'
  if (code === 127) return 'a command was not found'
  const signal = SIGNALS.get(code - SHELL_SIGNAL)
  return signal === undefined ? null : `a command of it was ended by ${signal}`
}
