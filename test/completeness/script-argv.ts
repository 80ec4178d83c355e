// What the kernel makes of an exec when the file is a script: the interpreter of its first line runs instead, with the
// script's name in front of its arguments, and again when that interpreter is a script. fs/binfmt_script.c

export interface Given {
  argv: readonly string[]
  /** The file as the caller spelled it: what an interpreter is given. */
  spelled: string
  /** Its canonical path. */
  file: string
  deleted: boolean
}

const NESTED_MAX = 5

/** `head` gives the first 256 bytes of a file, as latin1. */
export function scriptArgv(
  { argv: given, spelled, file, deleted }: Given,
  head: (path: string) => string,
  resolve: (path: string) => string,
): { argv: string[]; executable: string } {
  let name = spelled
  let executable = deleted ? `${file} (deleted)` : file
  // The kernel gives a program that was given no argument an empty one, since 5.18.
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
