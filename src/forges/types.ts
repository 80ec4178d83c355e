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

export interface MergeResult {
  commit: string
  kind: 'merge' | 'fast-forward'
}

export interface Forge {
  readonly kind: string
  /** The repository as the forge names it: an absolute path or a URL without credentials. */
  readonly repository: string
  /** What `origin` is called inside a sandbox: an https URL that looks like the real one. */
  readonly originUrl: string
  readonly defaultBranch: () => Promise<string>
  /** Fetches the branches into our mirror and returns its path. */
  updateMirror(mirror: string): Promise<void>
  /** Pushes the commit as a branch of its own. */
  publish(request: Omit<MergeRequest, 'base' | 'target' | 'message'> & { branch: string }): Promise<void>
  merge(request: MergeRequest): Promise<MergeResult>
  /** How the commit came into the target; null when it is not in there. */
  findMerge(request: Pick<MergeRequest, 'quarantine' | 'commit' | 'target'>): Promise<MergeResult | null>
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
