// A change: the commits that a run proposes, with their inspection, decisions and status.
import { z } from 'zod'
import { Actor } from './actor.ts'
import { Ecosystem } from './ecosystem.ts'
import { ByteText, Digest, ObjectId } from './events/fields.ts'
import { ID_PATTERN } from './ids.ts'

/** Artifacts of the platform itself. Tasks must not use names with the prefix `glovebox-`. */
export const ADVISORY_REPORT = 'glovebox-advisories.json'
/** The complete result of the inspection of a change. */
export const INSPECTION_REPORT = 'glovebox-inspection.json'
export const PLATFORM_REPORTS: readonly string[] = [ADVISORY_REPORT, INSPECTION_REPORT]

/** The merge state of a change on the forge. */
export const ChangeState = z.enum(['open', 'merging', 'merged'])
export type ChangeState = z.infer<typeof ChangeState>

/** The state; while it is open, people's decisions on the current commit refine it. */
export const ChangeStatus = z.enum(['open', 'approved', 'rejected', 'merging', 'merged'])
export type ChangeStatus = z.infer<typeof ChangeStatus>

export const Decision = z.object({
  actor: Actor,
  decision: z.enum(['approved', 'rejected']),
  commit: ObjectId.describe('the commit that was decided on; a decision counts only for this commit'),
  reason: z.string().nullable(),
  policies: z.array(z.string()),
  time: z.int(),
})
export type Decision = z.infer<typeof Decision>

/** A run that proposed a commit for a change, or was asked to. The first attempt is the run that made the change. */
export const Attempt = z.object({
  number: z.int().positive(),
  run: z.string().regex(ID_PATTERN),
  requester: Actor,
  start: ObjectId.nullable().describe('the commit of the change that it started at; null for the first attempt'),
  review: Digest.nullable().describe('blob: the review comments that it got, as text; null for the first attempt'),
  commit: ObjectId.nullable().describe('the commit that it proposed; null as long as there is none'),
  createdAt: z.int(),
})
export type Attempt = z.infer<typeof Attempt>

export const Check = z.object({
  name: z.string(),
  passed: z.boolean(),
  detail: z.string(),
})
export type Check = z.infer<typeof Check>

/** A package whose version in a lockfile changed; null stands for absent. */
export const PackageMove = z.object({
  name: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable().describe('`link:` and a folder where it is now one of the repository'),
  places: z.array(z.string()).default([]).describe('where in the lockfile'),
})
export type PackageMove = z.infer<typeof PackageMove>

export const AdvisoryRef = z.object({
  id: z.string().describe('GHSA id'),
  aliases: z.array(z.string()).describe('CVE ids'),
  ecosystem: Ecosystem.default('npm'),
  package: z.string(),
  version: z.string(),
  severity: z.string().nullable(),
  title: z.string(),
  fixed: z.array(z.string()).describe('versions that end the vulnerable ranges'),
})
export type AdvisoryRef = z.infer<typeof AdvisoryRef>

/** The advisories for two commits, computed by the platform itself from their lockfiles. */
export const AdvisoryReport = z.object({
  source: z.string().describe('the source of the advisories'),
  examined: z
    .object({ before: z.boolean(), after: z.boolean() })
    .default({ before: true, after: true })
    .describe('false: that commit had no lockfile that is read, and its list says nothing'),
  note: z.string().nullable().default(null).describe('why a commit was not examined'),
  before: z.array(AdvisoryRef),
  after: z.array(AdvisoryRef),
  packages: z.array(PackageMove),
})
export type AdvisoryReport = z.infer<typeof AdvisoryReport>

export const Change = z.object({
  id: z.string().regex(ID_PATTERN),
  run: z.string().regex(ID_PATTERN).describe('the run that proposed the current commit'),
  repository: z.string(),
  branch: z.string(),
  target: z.string().describe('the branch that it should be merged into'),
  base: ObjectId,
  commit: ObjectId,
  title: z.string(),
  body: z.string(),
  status: ChangeStatus,
  files: z.int(),
  insertions: z.int(),
  deletions: z.int(),
  diff: Digest,
  pack: Digest.nullable().describe(
    'blob: its commits as a git pack, on top of base; null: inspected by an older version',
  ),
  protectedPaths: z.array(ByteText),
  findings: z.array(z.string()),
  checks: z.array(Check),
  requester: Actor.describe('who asked for the first attempt'),
  decisions: z.array(Decision),
  attempts: z.array(Attempt).describe('all attempts, oldest first'),
  mergeCommit: ObjectId.nullable(),
  publishAs: z.string().describe('the branch that publishing pushes to the forge'),
  published: z.boolean().describe('whether the current commit was pushed to that branch'),
  createdAt: z.int(),
})
export type Change = z.infer<typeof Change>

/** Everyone who asked for an attempt, also for one that failed. Nobody of them may approve the change. */
export function requestersOf({ requester, attempts }: Pick<Change, 'requester' | 'attempts'>): readonly Actor[] {
  return [requester, ...attempts.map((attempt) => attempt.requester)]
}

/** The first attempt at a change: the run that made it. */
export function firstAttempt(change: Pick<Change, 'run' | 'requester' | 'commit' | 'createdAt'>): Attempt {
  const { run, requester, commit, createdAt } = change
  return { number: 1, run, requester, start: null, review: null, commit, createdAt }
}

/** A rejection outweighs every approval of the same commit; decisions on other commits don't count. */
export function changeStatus(
  state: ChangeState,
  commit: string,
  decisions: readonly Pick<Decision, 'decision' | 'commit'>[],
): ChangeStatus {
  if (state !== 'open') return state
  const made = decisions.filter((decision) => decision.commit === commit).map(({ decision }) => decision)
  if (made.includes('rejected')) return 'rejected'
  return made.includes('approved') ? 'approved' : 'open'
}

/** The stored part of a status; `approved` and `rejected` are derived from the decisions. */
export function changeState(status: ChangeStatus): ChangeState {
  return status === 'merging' || status === 'merged' ? status : 'open'
}

const ALLOWED = {
  approve: ['open', 'approved'],
  reject: ['open', 'approved'],
  retry: ['open', 'approved', 'rejected'],
  merge: ['open', 'approved', 'merging'],
  publish: ['open', 'approved'],
} as const satisfies Record<string, readonly ChangeStatus[]>

export function changeCan(action: keyof typeof ALLOWED, status: ChangeStatus): boolean {
  return (ALLOWED[action] as readonly ChangeStatus[]).includes(status)
}
