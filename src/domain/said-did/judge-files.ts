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
function ownAccess(
  { step, windows, paths, folder, work }: Own,
  { seq, body }: Accessed,
): (access: Access) => Judgement {
  const { list, open, habits } = step
  const becomes = new Map(body.renamed.map(({ from, to }) => [pathKey(from), to]))
  const familiar = habits.looks.map((name) => `${folder}/${name}`)
  return (access) => {
    if (seq < open) return START
    const mode = lookOrTouch(access)
    const names = [access.path, access.to, becomes.get(pathKey(access.path))]
    // A file that is written beside and moved into place is the file that it becomes.
    const keys = names.flatMap((name) => (name === null || name === undefined ? [] : [pathKey(name)]))
    const found = firstOf(keys, (key) => byPath(seq, key, mode))
    if (found !== null) return found
    if (!isIn(work, access)) return upkeep('own-files')
    if (mode === 'look' && isBelow(pathKey(access.path), familiar)) return upkeep('habit')
    const now = byWindow(windows.files(seq, mode))
    return now.class === 'unannounced' ? (firstOf(keys, (key) => announcedLater(seq, key, mode)) ?? now) : now
  }

  function byPath(moment: number, key: string, mode: 'look' | 'touch'): Judgement | null {
    const found = windows.paths(moment, list.announced.covering(key), mode)
    const only = found.calls.length === 1 ? list.calls[found.calls[0] as number] : undefined
    if (found.calls.length === 0) return null
    return oneOf(found, 'path', 'path', { early: only ? isEarly(only, moment, mode) : false })
  }

  function announcedLater(moment: number, key: string, mode: 'look' | 'touch'): Judgement | null {
    const { next } = paths.around(key, moment, mode)
    return next === null ? null : ofCall(next.index, 'late', { early: isEarly(next, moment, mode) })
  }
}

function firstOf(keys: readonly string[], judge: (key: string) => Judgement | null): Judgement | null {
  for (const key of keys) {
    const found = judge(key)
    if (found !== null) return found
  }
  return null
}

function isIn(work: readonly string[], { path, to }: Access): boolean {
  return isBelow(pathKey(path), work) || (to !== null && isBelow(pathKey(to), work))
}
