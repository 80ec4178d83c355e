// The actions of a workload, as the guest or strace reports them. Text is latin1, one character per byte, to keep all names.

export const FILE_LISTS = ['read', 'written', 'created', 'removed', 'renamed'] as const
export type FileList = (typeof FILE_LISTS)[number]

export interface Account extends Record<FileList, ReadonlySet<string>> {
  /** Every execution of a program, with the argv that the program got and its file. */
  programs: readonly Program[]
  /**
   * Each access to a file with its program. Accesses of a process before its first exec, such as a redirection, belong to
   * the program that it then executes. Accesses of a forked copy belong to the original program.
   */
  byProgram: ReadonlySet<string>
  /**
   * Accesses that the guest left to the kernel, with their program, as in `byProgram` but without the list: only strace
   * knows their result. Empty in strace's account.
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

/** Only paths below the workspace are compared; other paths belong to the machine. */
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
