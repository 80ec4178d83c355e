// What was done, as either side tells it. Text is latin1, one character for each byte, so that no name is lost.

export const FILE_LISTS = ['read', 'written', 'created', 'removed', 'renamed'] as const
export type FileList = (typeof FILE_LISTS)[number]

export interface Account extends Record<FileList, ReadonlySet<string>> {
  /** Every program that was executed, as often as it was: argv as the program found it, and its file. */
  programs: readonly Program[]
  /**
   * Each access to a file with the program that made it. What a process opens before it executes its first program, say
   * for a redirection, is that program's; what a copy of a program does is the program's own.
   */
  byProgram: ReadonlySet<string>
  /**
   * Accesses that the guest left to the kernel, with the program that made them, as in `byProgram` but for the list: what
   * the kernel did with them only a witness can tell. Empty on the witness's side.
   */
  attempted: ReadonlySet<string>
}

export interface Program {
  argv: readonly string[]
  executable: string
}

export interface Gathering extends Record<FileList, Set<string>> {
  programs: Program[]
  byProgram: Set<string>
  attempted: Set<string>
}

export function emptyAccount(): Gathering {
  return {
    programs: [],
    byProgram: new Set(),
    attempted: new Set(),
    read: new Set(),
    written: new Set(),
    created: new Set(),
    removed: new Set(),
    renamed: new Set(),
  }
}

/** Only what is below the workspace is compared: the rest belongs to the machine, not to the run. */
export function isInWorkspace(path: string): boolean {
  return path === '/workspace' || path.startsWith('/workspace/')
}

export function programText({ argv, executable }: Program): string {
  return `${executable} ${JSON.stringify(argv)}`
}

export function attributed(program: Program | null, list: FileList | 'attempted', path: string): string {
  return `${program === null ? 'an unknown program' : programText(program)} ${list} ${path}`
}

export function move(from: string, to: string): string {
  return `${from} -> ${to}`
}
