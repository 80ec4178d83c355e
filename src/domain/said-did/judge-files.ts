// Finds for each file access the call that announced it.
import type { AgentStep } from './agent-steps.ts'
import { isEarly } from './calls.ts'
import type { Judgement } from './judgement.ts'
import { accessesOf, lookOrTouch } from './accesses.ts'
import { attributionOf, byWindow, inherited, ofCall, oneOf, START, UNANNOUNCED, upkeep } from './judgement.ts'
import { isBelow, pathKey } from './match-path.ts'
import { PathCalls } from './path-calls.ts'
import type { Program } from './programs.ts'
import type { Access, FileRow } from './types.ts'
import { Windows } from './windows.ts'

/** `work`: the folders that the task works on. Accesses of the agent's own process elsewhere are upkeep. */
export function judgeFiles(step: AgentStep, folder: string, work: readonly string[]): FileRow[] {
  const windows = new Windows(step.list.calls, step.list.boundaries)
  const own: Own = { step, windows, paths: new PathCalls(step.list), folder, work }
  return step.files.flatMap(({ event, program }) => {
    const { pid } = event.body
    const judgeOne = program?.judgement === START ? ownAccess(own, event) : null
    const whole = judgeOne === null ? accessOf(program, windows, event.seq) : null
    // A habit only reads: its changes in the workspace are unannounced.
    const ofProcess = (access: Access): Judgement =>
      whole === null || (whole.class === 'upkeep' && lookOrTouch(access) === 'touch' && isIn(work, access))
        ? UNANNOUNCED
        : whole.class === 'unannounced'
          ? (announcedAccess(own, event)(access) ?? whole)
          : whole
    const rows = new Map<string, FileRow>()
    for (const access of accessesOf(event.body)) {
      const by = attributionOf(judgeOne === null ? ofProcess(access) : judgeOne(access))
      const key = JSON.stringify(by)
      const row = rows.get(key)
      if (row) row.accesses.push(access)
      else rows.set(key, { seq: event.seq, pid, accesses: [access], omitted: 0, by })
    }
    return [...rows.values()]
  })
}

/** The accesses of a process belong to the same call as the process. */
function accessOf(program: Program | null, windows: Windows, seq: number): Judgement {
  return inherited(program?.judgement ?? UNANNOUNCED, windows.processes(seq), 'process')
}

type Accessed = AgentStep['files'][number]['event']

interface Own {
  step: AgentStep
  windows: Windows
  paths: PathCalls
  folder: string
  work: readonly string[]
}

/** The agent's own process works for all calls, so its accesses are judged path by path. */
function ownAccess(own: Own, event: Accessed): (access: Access) => Judgement {
  const { step, windows, paths, folder, work } = own
  const { seq } = event
  const announced = announcedAccess(own, event)
  const familiar = step.habits.looks.map((name) => `${folder}/${name}`)
  return (access) => {
    if (seq < step.open) return beforeItSaid(access) ?? START
    const found = announced(access)
    if (found !== null) return found
    if (!isIn(work, access)) return upkeep('own-files')
    const mode = lookOrTouch(access)
    if (mode === 'look' && isBelow(pathKey(access.path), familiar)) return upkeep('habit')
    const now = byWindow(windows.files(seq, mode))
    return now.class === 'unannounced' ? (announcedLater(pathKey(access.to ?? access.path), mode) ?? now) : now
  }

  /** A plain agent may announce its first action only after it. */
  function beforeItSaid(access: Access): Judgement | null {
    return step.plain && isIn(work, access)
      ? announcedLater(pathKey(access.to ?? access.path), lookOrTouch(access))
      : null
  }

  function announcedLater(key: string, mode: 'look' | 'touch'): Judgement | null {
    const { next } = paths.around(key, seq, mode)
    return next === null ? null : ofCall(next.index, 'late', { early: isEarly(next, seq, mode) })
  }
}

/**
 * The judgement by announced paths; null if neither an active call nor the next one announced the path. Needed because
 * some agents announce that they read a file, and let an unannounced program read it.
 */
function announcedAccess(
  { step: { list }, windows }: Own,
  { seq, body }: Accessed,
): (access: Access) => Judgement | null {
  const becomes = new Map(body.renamed.map(({ from, to }) => [pathKey(from), to]))
  return (access) => {
    // A temporary file that is renamed counts as its final file.
    for (const path of [access.path, access.to, becomes.get(pathKey(access.path))]) {
      const found = path === null || path === undefined ? null : byPath(pathKey(path), lookOrTouch(access))
      if (found !== null) return found
    }
    return null
  }

  function byPath(key: string, mode: 'look' | 'touch'): Judgement | null {
    const found = windows.paths(seq, list.announced.covering(key), mode)
    const only = found.calls.length === 1 ? list.calls[found.calls[0] as number] : undefined
    if (found.calls.length === 0) return null
    return oneOf(found, 'path', 'path', { early: only ? isEarly(only, seq, mode) : false })
  }
}

function isIn(work: readonly string[], { path, to }: Access): boolean {
  return isBelow(pathKey(path), work) || (to !== null && isBelow(pathKey(to), work))
}
