// The verdict on each call: whether the announced action was seen.
import type { Call, CallList } from './calls.ts'
import type { AnnouncedPaths } from './match-path.ts'
import { pathKey } from './match-path.ts'
import type { Program } from './programs.ts'
import type { Access, Attribution, CallRow, FileRow, ProcessRow, RequestRow, Tally, Verdict } from './types.ts'

interface Evidence {
  seen: Tally
  tied: Tally
  early: boolean
  command: 'command' | 'script' | 'tied' | null
  surplus: string | null
  paths: Set<number>
  tiedPaths: boolean
}

const FILE_TOOLS = new Set(['read', 'search', 'edit', 'delete', 'move'])

export interface Rows {
  programs: readonly Program[]
  processes: readonly ProcessRow[]
  files: readonly FileRow[]
  requests: readonly RequestRow[]
}

export function callRows({ calls, announced }: Pick<CallList, 'calls' | 'announced'>, rows: Rows): CallRow[] {
  const evidence = calls.map((): Evidence => ({
    seen: tally(),
    tied: tally(),
    early: false,
    command: null,
    surplus: null,
    paths: new Set(),
    tiedPaths: false,
  }))
  for (const { by } of rows.processes) count(evidence, by, 'processes', 1)
  for (const { by } of rows.requests) count(evidence, by, 'requests', 1)
  for (const { by, accesses } of rows.files) {
    count(evidence, by, 'files', accesses.length)
    for (const call of by.calls) seePaths(announced, calls[call] as Call, evidence[call] as Evidence, by, accesses)
  }
  for (const program of rows.programs) seeCommand(evidence, program)
  return calls.map((call, index) => rowOf(call, evidence[index] as Evidence))
}

export function tally(): Tally {
  return { processes: 0, files: 0, requests: 0 }
}

function count(evidence: readonly Evidence[], by: Attribution, what: keyof Tally, times: number): void {
  for (const call of by.calls) {
    const of = evidence[call] as Evidence
    of[by.class === 'call' ? 'seen' : 'tied'][what] += times
    if (by.early) of.early = true
  }
}

function seeCommand(evidence: readonly Evidence[], { match, judgement }: Program): void {
  // A descendant of the call's program may match a command too; only the judgement's own match counts.
  if (match === null || judgement?.rule !== match.rule) return
  for (const call of judgement.calls) {
    const of = evidence[call] as Evidence
    if (judgement.class === 'tie') of.command ??= 'tied'
    else if (match.rule === 'script') {
      of.command = 'script'
      of.surplus ??= match.surplus
    } else if (of.command !== 'script') of.command = 'command'
  }
}

function seePaths(
  announced: AnnouncedPaths,
  call: Call,
  of: Evidence,
  by: Attribution,
  accesses: readonly Access[],
): void {
  if (call.pathIds.size === 0) return
  for (const { kind, path, to } of accesses) {
    if (!countsAs(call.tool, kind)) continue
    for (const touched of to === null ? [path] : [path, to])
      for (const id of announced.covering(pathKey(touched))) {
        if (!call.pathIds.has(id)) continue
        if (by.class === 'call') of.paths.add(id)
        else of.tiedPaths = true
      }
  }
}

function countsAs(tool: string, kind: Access['kind']): boolean {
  const looks = kind === 'read' || kind === 'attempted'
  if (tool === 'read' || tool === 'search') return looks
  if (tool === 'delete') return kind === 'removed' || kind === 'renamed'
  return !looks
}

function rowOf(call: Call, of: Evidence): CallRow {
  const { index, id, title, tool, command, paths, status, open, close } = call
  const judged = FILE_TOOLS.has(tool) && command === null ? paths : []
  // `paths` and `pathIds` have the same order: a path and its id are added together.
  const ids = [...call.pathIds]
  const unseen = judged.filter((_, at) => !of.paths.has(ids[at] ?? -1))
  const verdict = verdictOf(call, of, judged.length, unseen.length)
  return {
    index,
    call: id,
    title,
    tool,
    command,
    paths: [...paths],
    status,
    opened: open,
    closed: close === Infinity ? null : close,
    permission: permissionOf(call),
    verdict,
    surplus: verdict === 'with-more' ? of.surplus : null,
    unseen,
    seen: of.seen,
    tied: of.tied,
  }
}

function permissionOf({ held, decided, denied }: Call): CallRow['permission'] {
  if (!held) return 'none'
  return decided === Infinity ? 'open' : denied ? 'denied' : 'allowed'
}

function verdictOf(call: Call, of: Evidence, judged: number, unseen: number): Verdict {
  if (of.early) return 'without-permission'
  const verdict = bySight(call, of, judged, unseen)
  if (verdict !== 'not-seen' && verdict !== 'nothing-to-see') return verdict
  if (call.held && (call.denied || call.decided === Infinity)) return 'denied'
  if (verdict === 'nothing-to-see') return verdict
  return call.status === 'failed' ? 'failed' : 'not-seen'
}

function bySight({ command }: Call, of: Evidence, judged: number, unseen: number): Verdict {
  if (command !== null) {
    if (of.command === 'script') return of.surplus === null ? 'seen' : 'with-more'
    return of.command === null ? 'not-seen' : of.command === 'tied' ? 'tied' : 'seen'
  }
  if (judged > 0) {
    if (unseen === 0) return 'seen'
    if (unseen < judged) return 'partly'
    return of.tiedPaths ? 'tied' : 'not-seen'
  }
  const any = (counted: Tally) => counted.processes + counted.files + counted.requests > 0
  return any(of.seen) ? 'seen' : any(of.tied) ? 'tied' : 'nothing-to-see'
}
