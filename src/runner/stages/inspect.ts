// The stage inspect: examines the proposal of the run. It reads only the quarantine and uses no statement of the sandbox.
import type { ByteText } from '../../domain/byte-text.ts'
import { byteText } from '../../domain/byte-text.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { ADVISORY_REPORT, type AdvisoryReport, type Check, INSPECTION_REPORT } from '../../domain/change.ts'
import type { Digest } from '../../domain/events/fields.ts'
import { protectionBy } from '../../domain/inspection/protected-paths.ts'
import { PUSH_BRANCH } from '../../domain/run.ts'
import { fillInputs } from '../../domain/task/plan-steps.ts'
import { advisoryReport } from '../inspection/advisory-report.ts'
import { secretPieces } from '../../domain/secret-pieces.ts'
import { commitOnBase, isOnBase } from '../../git/commit-on-base.ts'
import type { CommitFacts } from '../../git/inspect.ts'
import { inspectRange } from '../../git/inspect.ts'
import { writePack } from '../../git/pack.ts'
import { commitOf, setBranch } from '../../git/quarantine.ts'
import { changeFindings, type FindingGroup, shownFindings } from '../inspection/change-findings.ts'
import { scanCommits, type SecretReport } from '../inspection/secrets/scan-commits.ts'
import { lockfileFindings } from '../inspection/lockfile-findings.ts'
import { protectedChanges, type ProtectedChanges } from '../inspection/protected-changes.ts'
import { commitDate, IN_BOX } from '../environment.ts'
import type { RunnerParts } from '../job.ts'
import { commitMessage } from './collect.ts'
import type { Prepared } from './prepare.ts'
import type { RunRecord } from '../run-record.ts'
import type { StepOutcome } from '../steps/step-output.ts'

const MAX_DIFF_BYTES = 16 * 1024 * 1024
/** Limit on the places that the detail of a check names; the others are in the report. */
const MAX_PLACES = 10

export interface Inspected {
  /** null if the run pushed nothing. */
  proposal: Proposal | null
  advisories: AdvisoryReport | null
}

export interface Proposal {
  commit: string
  /** The commit that the run pushed, if `commit` was made from it. */
  pushed: string
  files: number
  insertions: number
  deletions: number
  diff: Digest
  /** The commits of the change on top of the base. */
  pack: Digest
  protectedPaths: ByteText[]
  findings: string[]
  /** All protected paths and findings, as JSON. */
  inspection: Digest
  checks: Check[]
}

export async function inspect(
  prepared: Prepared,
  parts: RunnerParts,
  record: RunRecord,
  outcomes: readonly StepOutcome[],
): Promise<Inspected> {
  const pushed = await commitOf(parts.git, prepared.quarantine, PUSH_BRANCH)
  const commit = pushed === null ? null : await proposedCommit(prepared, parts, pushed)
  const advisories = prepared.task.reports.includes('npm-advisories')
    ? await reportOn(prepared, parts, record, commit)
    : null
  if (pushed === null || commit === null) return { proposal: null, advisories }
  const range = { repository: prepared.quarantine, base: prepared.commit, commit }
  const facts = await inspectRange(parts.git, { ...range, maxDiffBytes: MAX_DIFF_BYTES })
  const { digest: diff } = await parts.store.blobs.put(facts.diff)
  const find = protectionBy(prepared.plan.protectedPaths)
  const protections = await protectedChanges(parts.git, range, facts.changes, find)
  const lockfiles = await lockfileFindings(parts.git, range, facts.changes)
  const times = { base: prepared.plan.source.time * 1000, now: parts.ids.now() }
  const held = (await parts.secrets.known()).flatMap((secret) => secretPieces(secret.reveal()))
  const secrets = await scanCommits(parts.git, { repository: prepared.quarantine, facts, held })
  const groups = changeFindings(facts, { protections, find, lockfiles, times, secrets })
  const checks = [...taskChecks(prepared, outcomes), secretCheck(secrets), completeDiffCheck(facts)]
  const proposal: Proposal = {
    commit,
    pushed,
    files: facts.files,
    insertions: facts.insertions,
    deletions: facts.deletions,
    diff,
    pack: await keepPack(prepared, parts, commit),
    protectedPaths: protections.found.map(({ path }) => byteText(path)),
    findings: shownFindings(groups),
    inspection: await keepInspection(parts, record, { protections, groups, checks }),
    checks,
  }
  return { proposal, advisories }
}

/**
 * What a further attempt pushed becomes one commit on top of the base: commits in between may hold what reviewers rejected,
 * and publishing the change would publish them, too.
 */
async function proposedCommit(prepared: Prepared, parts: RunnerParts, pushed: string): Promise<string> {
  const { quarantine: repository, commit: base, plan } = prepared
  if (prepared.start === null || (await isOnBase(parts.git, { repository, base, commit: pushed }))) return pushed
  const commit = await commitOnBase(parts.git, {
    repository,
    base,
    commit: pushed,
    message: commitMessage(prepared),
    person: IN_BOX,
    time: commitDate(plan.source.time),
  })
  await setBranch(parts.git, repository, { branch: PUSH_BRANCH, commit, from: pushed })
  return commit
}

async function keepInspection(
  parts: RunnerParts,
  record: RunRecord,
  { protections, groups, checks }: { protections: ProtectedChanges; groups: readonly FindingGroup[]; checks: Check[] },
): Promise<Digest> {
  const protectedPaths = protections.found.map(({ path, kind, link }) => ({
    path: byteText(path),
    kind,
    link: link === null ? null : byteText(link),
  }))
  const findings = groups.map(({ kind, lines }) => ({ kind, lines: [...lines] }))
  const text = canonicalJson({ protectedPaths, findings, checks })
  const stored = await parts.store.blobs.put(new TextEncoder().encode(text))
  await record.platform('artifact.stored', { name: INSPECTION_REPORT, ...stored })
  return stored.digest
}

async function keepPack({ quarantine, commit: base }: Prepared, parts: RunnerParts, commit: string): Promise<Digest> {
  const blob = await parts.store.blobs.writer()
  try {
    await writePack(parts.git, { repository: quarantine, base, commit }, (bytes) => blob.write(bytes))
    return (await blob.finish()).digest
  } finally {
    await blob.abort()
  }
}

async function reportOn(
  prepared: Prepared,
  parts: RunnerParts,
  record: RunRecord,
  commit: string | null,
): Promise<AdvisoryReport> {
  const { quarantine: repository, commit: before, task, plan } = prepared
  const folder = fillInputs(task['lockfile-folder'], plan.inputs)
  const question = { repository, before, after: commit ?? before, folder }
  const report = await advisoryReport(parts.git, prepared.advisories, question)
  const stored = await parts.store.blobs.put(new TextEncoder().encode(JSON.stringify(report)))
  await record.platform('artifact.stored', { name: ADVISORY_REPORT, ...stored })
  return report
}

function taskChecks(prepared: Prepared, outcomes: readonly StepOutcome[]): Check[] {
  return prepared.task.checks.map((name) => {
    const outcome = outcomes.find((step) => step.name === name)
    return {
      name,
      passed: outcome?.outcome === 'succeeded',
      detail: outcome ? `the step ${outcome.outcome}` : 'the step did not run',
    }
  })
}

/** Covers all commits: a credential that a later commit removes stays in the history. */
function secretCheck({ secrets, notExamined }: SecretReport): Check {
  const places = [...secrets, ...notExamined.map((place) => `not examined: ${place} is too large`)]
  const shown = places.slice(0, MAX_PLACES).join('; ')
  const rest = places.length - MAX_PLACES
  return {
    name: 'no secrets',
    passed: places.length === 0,
    detail: places.length === 0 ? 'none found' : `${shown}${rest > 0 ? `; and ${rest} more` : ''}`,
  }
}

/** Fails if the diff is too large to show in full, since nobody could review it. */
function completeDiffCheck(facts: CommitFacts): Check {
  return {
    name: 'reviewable size',
    passed: !facts.truncated,
    detail: facts.truncated ? `the diff is over ${MAX_DIFF_BYTES} bytes` : 'the diff is kept whole',
  }
}
