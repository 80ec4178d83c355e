// One readable line per event. All of its text may come from a sandbox.
import { formatBytes } from '../../domain/format-bytes.ts'
import { type ByteText, printable } from '../../domain/byte-text.ts'
import { INSPECTION_REPORT } from '../../domain/change.ts'
import type { Event, EventBody, EventKind } from '../../domain/event.ts'
import { DESCRIBE_AGENT, DESCRIBE_MODEL } from './agent-event-line.ts'
import { DESCRIBE_CREDENTIALS } from './credential-event-line.ts'
import { formatArgv, formatText, shorten } from '../arguments/command-line.ts'
import { countOf, formatDuration } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'

const DESCRIBE: { readonly [K in EventKind]: (body: EventBody<K>) => string } = {
  'process.started': (body) =>
    `[${body.pid}] from [${body.parent}] ${body.origin === 'fork' ? '(forked) ' : ''}${formatArgv(body.argv, 400)}`,
  'process.exited': (body) =>
    `[${body.pid}] ${ending(body.code, body.signal)} after ${formatDuration(body.wallMs)}, cpu ${formatDuration(body.cpuMs)}, ${formatBytes(body.maxRssBytes)}`,
  'file.accessed': (body) => `[${body.pid}] ${accesses(body)}`,
  'file.hashed': (body) => `[${body.pid}] ${hashes(body)}`,
  'net.attempted': (body) =>
    `[${body.pid}] connect ${body.family} ${formatText(body.address)}${body.family === 'unix' ? '' : `:${body.port}`}${times(body.times)}`,
  'net.requested': (body) =>
    `${formatText(body.method)} ${formatText(body.url, 300)} ${body.status}, ${formatBytes(body.responseBytes)} ${verdict(body.decision)}${note(body.note)}`,
  'net.tunnelled': (body) =>
    `${formatText(body.authority)}${body.servername === null ? '' : ` as ${formatText(body.servername)}`} without a request, ${formatBytes(body.receivedBytes)} from the sandbox, after ${formatDuration(body.wallMs)}`,
  'git.fetched': (body) =>
    `${body.command} ${formatText(body.repository)} ${countOf(body.wants.length, 'object')} wanted ${verdict(body.decision)}`,
  'git.pushed': (body) =>
    `${body.accepted ? 'accepted' : 'REFUSED'} ${body.updates.map((update) => `${formatText(update.ref)} ${update.new.slice(0, 12)} ${formatText(update.result)}`).join('; ')} ${verdict(body.decision)}`,
  'policy.decided': (body) =>
    `${formatText(body.action)} ${formatText(body.resource, 200)} ${verdict(body)}${body.errors.length > 0 ? ` errors: ${formatText(body.errors.join('; '), 200)}` : ''}`,
  'credential.used': (body) =>
    `${formatText(body.connection)} for ${formatText(body.purpose)} at ${formatText(body.host)}`,
  'run.requested': (body) =>
    `${formatText(body.task)} on ${formatText(body.repository)}${body.ref === null ? '' : ` at ${formatText(body.ref)}`}${body.mode === null ? '' : `, ${body.mode}`}, ${body.trigger}${body.attempt === undefined ? '' : `, attempt ${body.attempt.number} at change ${body.attempt.change}`}`,
  'run.claimed': (body) => `by ${formatText(body.worker, 100)}, claim ${body.generation}, attempt ${body.attempt}`,
  'run.planned': (body) =>
    `commit ${body.commit.slice(0, 12)} of ${formatText(body.target)}, ${body.mode}, policies ${body.policyDigest.slice(7, 19)}, ${formatText(body.sandbox)}, plan ${body.plan.slice(7, 19)}${body.notes.map((text) => note(text)).join('')}`,
  'run.cancel-requested': () => 'a person or a service asked the run to stop',
  'run.finished': (body) => `${body.status} after ${formatDuration(body.wallMs)}${note(body.reason ?? undefined)}`,
  'run.pruned': (body) =>
    `retention removed ${countOf(body.blobs, 'blob')}, ${formatBytes(body.bytes)}${body.quarantineBytes === null ? '' : `, and the quarantine repository, ${formatBytes(body.quarantineBytes)}`}`,
  'stage.started': (body) => formatText(body.stage),
  'sandbox.started': (body) =>
    `${formatText(body.kind)}${body.image === null ? '' : ` ${formatText(body.image.slice(0, 19))}`}, host uid ${body.hostUid}, ${body.isolation.filter((check) => check.passed).length} of ${countOf(body.isolation.length, 'isolation check')} passed`,
  'sandbox.ended': (body) => `${formatText(body.reason)} after ${formatDuration(body.wallMs)}`,
  'step.started': (body) => `#${body.step} ${formatText(body.name)}: ${formatArgv(body.argv, 300)}`,
  'step.finished': (body) =>
    `#${body.step} ${formatText(body.name)}: ${body.outcome}, ${ending(body.code, body.signal)} after ${formatDuration(body.wallMs)}${note(body.note)}${body.outputOmitted === 0 ? '' : `, ${formatBytes(body.outputOmitted)} of output not kept`}`,
  'artifact.stored': (body) => `${formatText(body.name)}, ${formatBytes(body.bytes)}`,
  'change.proposed': (body) =>
    `${body.change}: ${formatText(body.title)} (${countOf(body.files, 'file')}, +${body.insertions} -${body.deletions}) on ${formatText(body.branch)}${foundNote(body)}`,
  'change.revised': (body) =>
    `${body.change}, attempt ${body.attempt}: from ${body.previous.slice(0, 12)} to ${body.commit.slice(0, 12)} (${countOf(body.files, 'file')}, +${body.insertions} -${body.deletions})${foundNote(body)}`,
  'change.decided': (body) => `${body.change} ${body.decision}${note(body.reason ?? undefined)}`,
  'change.published': (body) => `${body.change} as ${formatText(body.branch)}, ${body.commit.slice(0, 12)}`,
  'change.merging': (body) =>
    `${body.change} into ${formatText(body.target)}: ${body.outcome}${note(body.detail ?? undefined)}`,
  'change.merged': (body) => `${body.change} into ${formatText(body.target)} as ${body.commit.slice(0, 12)}`,
  'coverage.reported': (body) =>
    `${formatText(body.mechanism)}: ${body.complete ? 'complete' : 'NOT COMPLETE'}, ${body.dropped} dropped${body.blindSpots.length > 0 ? `; blind: ${formatText(body.blindSpots.join('; '), 300)}` : ''}`,
  'platform.failed': (body) => formatText(body.detail, 1000),
  ...DESCRIBE_CREDENTIALS,
  ...DESCRIBE_MODEL,
  ...DESCRIBE_AGENT,
}

/** `start`: time of the run's first event, in milliseconds since the epoch. */
export function eventLine(event: Event, start: number, style: Style): string {
  const seconds = `+${((event.time - start) / 1000).toFixed(3)}`
  const head = `${String(event.seq).padStart(6)}  ${seconds.padStart(9)}  ${event.source.padEnd(8)}  `
  return `${style.dim(head)}${style.accent(event.kind.padEnd(17))}  ${describeEvent(event)}`
}

export function describeEvent(event: Event): string {
  const describe = DESCRIBE[event.kind] as (body: Event['body']) => string
  return shorten(describe(event.body), 2000)
}

function ending(code: number | null, signal: number | null): string {
  if (code !== null) return `exit ${code}`
  return signal === null ? 'no exit' : `signal ${signal}`
}

function verdict(decision: { allowed: boolean; reasons: readonly string[] }): string {
  const by =
    decision.reasons.length > 0
      ? decision.reasons.map((id) => printable(id)).join(', ')
      : decision.allowed
        ? ''
        : 'no policy permits it'
  return decision.allowed ? `allowed${by === '' ? '' : ` by ${by}`}` : `DENIED: ${by}`
}

function note(text: string | undefined): string {
  return text === undefined ? '' : ` (${formatText(text, 400)})`
}

function times(count: number): string {
  return count > 1 ? ` ${count} times` : ''
}

const SHOWN_PATHS = 4

function accesses(body: EventBody<'file.accessed'>): string {
  const parts: [string, readonly ByteText[]][] = [
    ['read', body.read],
    ['wrote', body.written],
    ['created', body.created],
    ['removed', body.removed],
    ['attempted', body.attempted],
    ['renamed', body.renamed.map(pair)],
    ['linked', (body.linked ?? []).map(pair)],
  ]
  const shown = parts.filter(([, paths]) => paths.length > 0).map(([verb, paths]) => `${verb} ${somePaths(paths)}`)
  if (body.omitted > 0) shown.push(`${body.omitted} not listed`)
  return shown.join('; ')
}

function pair({ from, to }: { from: ByteText; to: ByteText }): string {
  return `${printable(from)} -> ${printable(to)}`
}

function hashes({ files, omitted }: EventBody<'file.hashed'>): string {
  const shown = files
    .slice(0, SHOWN_PATHS)
    .map(({ path, digest }) => `${formatText(path, 120)} ${digest.slice(0, 'sha256:'.length + 12)}`)
  if (files.length > SHOWN_PATHS) shown.push(`${files.length - SHOWN_PATHS} more`)
  if (omitted > 0) shown.push(`${omitted} without a digest`)
  return `holds ${shown.join(', ')}`
}

function somePaths(paths: readonly ByteText[]): string {
  // Every program reads its loader and libraries, so other files come first.
  const names = [...paths.filter((path) => !isSystem(path)), ...paths.filter(isSystem)]
    .slice(0, SHOWN_PATHS)
    .map((path) => formatText(path, 120))
    .join(', ')
  return paths.length > SHOWN_PATHS ? `${names} and ${paths.length - SHOWN_PATHS} more` : names
}

function isSystem(path: ByteText): boolean {
  return typeof path === 'string' && /^\/(usr|lib|lib64|bin|sbin|etc|opt|proc|sys|dev)(\/|$)/.test(path)
}

/** How much inspection found; what the event does not list is in its blob. */
function foundNote(body: Pick<EventBody<'change.proposed'>, 'findings' | 'findingsOmitted'>): string {
  const found = body.findings.length + body.findingsOmitted
  return found === 0 ? '' : `, ${countOf(found, 'finding')} (${INSPECTION_REPORT})`
}
