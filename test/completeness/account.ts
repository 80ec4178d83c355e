// What was done, as either side tells it. Text is latin1, one character for each byte, so that no name is lost.

export const FILE_LISTS = ['read', 'written', 'created', 'removed', 'renamed'] as const
export type FileList = (typeof FILE_LISTS)[number]

export interface Account extends Record<FileList, ReadonlySet<string>> {
  /** Every program that was executed, as often as it was: argv as the program found it, and its file. */
  programs: readonly Program[]
}

export interface Program {
  argv: readonly string[]
  executable: string
}

export interface Gathering extends Record<FileList, Set<string>> {
  programs: Program[]
}

export function emptyAccount(): Gathering {
  return {
    programs: [],
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

export function move(from: string, to: string): string {
  return `${from} -> ${to}`
}
