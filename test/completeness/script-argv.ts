// Computes the argv of a script as the kernel does (fs/binfmt_script.c): the interpreter of its first line runs instead, with
// the script's name before the arguments. This repeats if the interpreter is a script, too.

export interface Given {
  argv: readonly string[]
  /** The file as the caller wrote it; the interpreter gets this text. */
  spelled: string
  /** Its canonical path. */
  file: string
  deleted: boolean
}

const NESTED_MAX = 5

/** `head` returns the first 256 bytes of a file, as latin1. */
export function scriptArgv(
  { argv: given, spelled, file, deleted }: Given,
  head: (path: string) => string,
  resolve: (path: string) => string,
): { argv: string[]; executable: string } {
  let name = spelled
  let executable = deleted ? `${file} (deleted)` : file
  // Since Linux 5.18, a program without arguments gets an empty argv[0].
  let argv = given.length === 0 ? [''] : [...given]
  for (let depth = 0; depth <= NESTED_MAX; depth++) {
    const line = deleted || executable.startsWith('/memfd:') ? '' : (head(executable).split('\n')[0] ?? '')
    if (!line.startsWith('#!')) return { argv, executable }
    const [, interpreter = '', argument] = /^#![ \t]*([^ \t\0]+)(?:[ \t]+(.*?))?[ \t]*$/.exec(line) ?? []
    argv = [interpreter, ...(argument ? [argument] : []), name, ...argv.slice(1)]
    name = interpreter
    executable = resolve(interpreter)
  }
  throw new Error(`${file} is a script of a script without end`)
}
