// Where repositories live. One file or folder per kind.
import type { Actor } from '../domain/actor.ts'

export interface MergeRequest {
  /** Our bare repository that holds the commit. */
  quarantine: string
  /** What the commit was made on and compared with. */
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

/** What every forge is: a git repository that is fetched from, pushed to and merged into. */
export interface ForgeGit {
  defaultBranch(): Promise<string>
  /** Fetches the branches into our mirror, whose path it is given. */
  updateMirror(mirror: string): Promise<void>
  /** Pushes the commit as a branch of its own. */
  publish(request: PublishRequest): Promise<void>
  merge(request: MergeRequest): Promise<MergeResult>
  /** How the commit came into the target; null when the target does not have it. */
  findMerge(request: Pick<MergeRequest, 'quarantine' | 'commit' | 'target'>): Promise<MergeResult | null>
}

/**
 * A repository where it lives. What a kind can do besides git (requests, checks, hooks) is an object here or absent, so
 * that a caller asks for the object and no method has to say that it can't.
 */
export interface Forge {
  readonly kind: string
  /** The repository as the forge names it: an absolute path or a URL without credentials. */
  readonly repository: string
  /** What `origin` is called inside a sandbox: an https URL that looks like the real one. */
  readonly originUrl: string
  readonly git: ForgeGit
}

export class ForgeError extends Error {
  readonly code:
    | 'not-a-repository'
    | 'empty-repository'
    | 'unknown-ref'
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
