// For each file access the call that announced it.
import type { ByteText } from '../byte-text.ts'
import type { EventBody } from '../event.ts'
import type { AgentStep } from './agent-steps.ts'
import { isEarly } from './calls.ts'
import type { Judgement } from './judgement.ts'
import { attributionOf, byWindow, inherited, oneOf, START, UNANNOUNCED, upkeep } from './judgement.ts'
import { isBelow, pathKey } from './match-path.ts'
import type { Program } from './programs.ts'
import type { Access, FileRow } from './types.ts'
import { Windows } from './windows.ts'

const LISTS = ['read', 'written', 'created', 'removed', 'attempted'] as const

/** `work` are the folders whose content a task is about; what the agent itself does elsewhere is its upkeep. */
export function judgeFiles(step: AgentStep, work: readonly string[]): FileRow[] {
  const windows = new Windows(step.list.calls, step.list.boundaries)
  return step.files.flatMap(({ event, program }) => {
    const { pid } = event.body
    const whole = program?.judgement === START ? null : accessOf(program, windows, event.seq)
    const judgeOne =
      whole === null
        ? ownAccess(step, windows, work, event)
        : whole.class === 'unannounced'
          ? hiddenAccess(step, windows, event)
          : null
    const rows = new Map<string, FileRow>()
    for (const access of accessesOf(event.body)) {
      const by = attributionOf(judgeOne === null ? (whole ?? UNANNOUNCED) : judgeOne(access))
      const key = JSON.stringify(by)
      const row = rows.get(key)
      if (row) row.accesses.push(access)
      else rows.set(key, { seq: event.seq, pid, accesses: [access], omitted: 0, by })
    }
    return [...rows.values()]
  })
}

export function accessesOf(body: EventBody<'file.accessed'>): Access[] {
  const renamed = body.renamed.map(({ from, to }): Access => ({ kind: 'renamed', path: from, to }))
  return [...LISTS.flatMap((kind) => body[kind].map((path): Access => ({ kind, path, to: null }))), ...renamed]
}

export function lookOrTouch({ kind }: Pick<Access, 'kind'>): 'look' | 'touch' {
  return kind === 'read' || kind === 'attempted' ? 'look' : 'touch'
}

/** All that one process did goes where the process goes. */
function accessOf(program: Program | null, windows: Windows, seq: number): Judgement {
  return inherited(program?.judgement ?? UNANNOUNCED, windows.processes(seq), 'process')
}

type Accessed = AgentStep['files'][number]['event']

/** Some agents announce that they read a file, and have a program do it that they do not announce. */
function hiddenAccess(step: AgentStep, windows: Windows, event: Accessed): (access: Access) => Judgement {
  const announced = announcedAccess(step, windows, event)
  return (access) => announced(access) ?? { ...UNANNOUNCED, rule: 'process' }
}

/** The agent has a hand in everything, so its own process is judged path by path. */
function ownAccess(
  step: AgentStep,
  windows: Windows,
  work: readonly string[],
  event: Accessed,
): (access: Access) => Judgement {
  const announced = announcedAccess(step, windows, event)
  return (access) => {
    if (event.seq < step.open) return START
    const found = announced(access)
    if (found !== null) return found
    if (!isBelow(pathKey(access.path), work) && (access.to === null || !isBelow(pathKey(access.to), work)))
      return upkeep('own-files')
    return byWindow(windows.files(event.seq, lookOrTouch(access)))
  }
}

/** null where no call at work, or next, announced the path. */
function announcedAccess(
  { list }: AgentStep,
  windows: Windows,
  { seq, body }: Accessed,
): (access: Access) => Judgement | null {
  const becomes = new Map(body.renamed.map(({ from, to }) => [pathKey(from), to]))
  return (access) => {
    const mode = lookOrTouch(access)
    const announced = (path: ByteText | null | undefined) =>
      path === null || path === undefined ? null : byPath(windows, seq, pathKey(path), mode)
    // A file that is written beside and moved into place is the file that it becomes.
    return announced(access.path) ?? announced(access.to) ?? announced(becomes.get(pathKey(access.path)))
  }

  function byPath(at: Windows, moment: number, key: string, mode: 'look' | 'touch'): Judgement | null {
    const found = at.paths(moment, list.announced.covering(key), mode)
    const only = found.calls.length === 1 ? list.calls[found.calls[0] as number] : undefined
    if (found.calls.length === 0) return null
    return oneOf(found, 'path', 'path', { early: only ? isEarly(only, moment, mode) : false })
  }
}
