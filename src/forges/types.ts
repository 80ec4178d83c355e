// The interfaces of forges, the places where repositories live. Each kind has its own file or folder.
import type { Actor } from '../domain/actor.ts'

export interface MergeRequest {
  /** Our bare repository that holds the commit. */
  quarantine: string
  /** The commit that the change was made on and compared with. */
  base: string
  commit: string
  /** Branch of the forge's repository to merge into. */
  target: string
  /** Subject, body and trailers of the merge commit. */
  message: string
  actor: Actor
  /** Author and committer date, milliseconds since the epoch. */
  time: number
}

export type PublishRequest = Omit<MergeRequest, 'base' | 'target' | 'message'> & { branch: string }

export interface MergeResult {
  commit: string
  kind: 'merge' | 'fast-forward'
}

/** The git operations of a forge, which every kind has: fetch, push and merge. */
export interface ForgeGit {
  defaultBranch(): Promise<string>
  /** Fetches the branches into our mirror; `mirror` is its path. */
  updateMirror(mirror: string): Promise<void>
  /** Pushes the commit as a new branch. */
  publish(request: PublishRequest): Promise<void>
  merge(request: MergeRequest): Promise<MergeResult>
  /** The merge that brought the commit into the target; null if the target does not contain it. */
  findMerge(request: Pick<MergeRequest, 'quarantine' | 'commit' | 'target'>): Promise<MergeResult | null>
}

export interface WorkTree {
  /** How many files differ from the commit that is checked out; null if it has no work tree or that is unknown. */
  uncommittedFiles(): Promise<number | null>
}

/**
 * A repository on its forge. Optional features of a kind (requests, checks, hooks) are objects that are present or
 * absent, so that no method needs to throw "not supported".
 */
export interface Forge {
  readonly kind: string
  /** The repository as the forge names it: an absolute path or a URL without credentials. */
  readonly repository: string
  /** The URL of `origin` inside a sandbox: an https URL that looks like the real one. */
  readonly originUrl: string
  readonly git: ForgeGit
  /** Present if the repository may have a work tree on this machine. */
  readonly workTree?: WorkTree
}

export class ForgeError extends Error {
  readonly code:
    | 'not-a-repository'
    | 'empty-repository'
    | 'unknown-ref'
    | 'incomplete'
    | 'checked-out'
    | 'conflict'
    | 'moved'
    | 'unreachable'
    | 'refused'
  constructor(code: ForgeError['code'], message: string) {
    super(message)
    this.name = 'ForgeError'
    this.code = code
  }
}
