// For each file access the call that announced it.
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

/** `work` are the folders whose content a task is about; what the agent itself does elsewhere is its upkeep. */
export function judgeFiles(step: AgentStep, folder: string, work: readonly string[]): FileRow[] {
  const windows = new Windows(step.list.calls, step.list.boundaries)
  const own: Own = { step, windows, paths: new PathCalls(step.list), folder, work }
  return step.files.flatMap(({ event, program }) => {
    const { pid } = event.body
    const judgeOne = program?.judgement === START ? ownAccess(own, event) : null
    const whole = judgeOne === null ? accessOf(program, windows, event.seq) : null
    // A habit is to look around; whatever it changes in the workspace is more than that.
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

/** All that one process did goes where the process goes. */
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

/** The agent has a hand in everything, so its own process is judged path by path. */
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

  /** A plain agent may print its first words when it has done what they are about. */
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
 * null where no call at work, or next, announced the path. Some agents announce that they read a file, and have a program
 * do it that they do not announce.
 */
function announcedAccess(
  { step: { list }, windows }: Own,
  { seq, body }: Accessed,
): (access: Access) => Judgement | null {
  const becomes = new Map(body.renamed.map(({ from, to }) => [pathKey(from), to]))
  return (access) => {
    // A file that is written beside and moved into place is the file that it becomes.
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
