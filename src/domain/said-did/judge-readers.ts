// Finds programs that read announced files: some agents announce a read and run a program such as `cat` for it. A
// program belongs to such a call if the agent's own process started it and it only read announced files in the
// workspace.
import type { AgentStep } from './agent-steps.ts'
import type { Call } from './calls.ts'
import { isEarly, onlyLooks } from './calls.ts'
import { accessesOf, lookOrTouch } from './accesses.ts'
import { ofCall, START } from './judgement.ts'
import { isBelow, pathKey } from './match-path.ts'
import { PathCalls } from './path-calls.ts'
import type { Program } from './programs.ts'
import type { Access } from './types.ts'

export function judgeReaders(step: AgentStep, work: readonly string[]): void {
  const children = new Map<Program, Program[]>()
  for (const program of step.programs) {
    if (program.parent === null) continue
    const siblings = children.get(program.parent)
    if (siblings) siblings.push(program)
    else children.set(program.parent, [program])
  }
  const seen = sightings(step)
  const paths = new PathCalls(step.list)
  for (const program of step.programs) {
    const above = program.parent?.judgement
    if (program.judgement?.rule !== 'none' || (above !== START && above?.class !== 'upkeep')) continue
    const family = familyOf(program, children)
    const call = family === null ? null : readFor(family, seen, paths, work)
    if (call === null) continue
    const judgement = ofCall(call.index, 'reader', { firm: true, early: isEarly(call, program.seq, 'look') })
    for (const one of family ?? []) one.judgement = one === program ? judgement : { ...judgement, rule: 'under' }
  }
}

interface Sight {
  accesses: Access[]
  /** Whether it accessed more files than are listed, or opened a connection. */
  more: boolean
}

function sightings({ files, connects }: AgentStep): Map<Program, Sight> {
  const seen = new Map<Program, Sight>()
  const of = (program: Program): Sight => {
    const sight = seen.get(program) ?? { accesses: [], more: false }
    seen.set(program, sight)
    return sight
  }
  for (const { event, program } of files) {
    if (program === null) continue
    const sight = of(program)
    sight.accesses.push(...accessesOf(event.body))
    if (event.body.omitted > 0) sight.more = true
  }
  for (const { program } of connects) if (program !== null) of(program).more = true
  return seen
}

/** The program with its descendants; null if another rule already explains one of them. */
function familyOf(program: Program, children: ReadonlyMap<Program, Program[]>): Program[] | null {
  const family = [program]
  for (const one of family) {
    if (one.judgement?.rule !== 'none' && one.judgement?.rule !== 'parent') return null
    family.push(...(children.get(one) ?? []))
  }
  return family
}

function readFor(
  family: readonly Program[],
  seen: ReadonlyMap<Program, Sight>,
  paths: PathCalls,
  work: readonly string[],
): Call | null {
  const sights = family.flatMap((program) => seen.get(program) ?? [])
  if (sights.some(({ more }) => more)) return null
  const inWork = sights
    .flatMap(({ accesses }) => accesses)
    .filter(({ path, to }) => isBelow(pathKey(path), work) || (to !== null && isBelow(pathKey(to), work)))
  if (inWork.length === 0 || inWork.some((access) => lookOrTouch(access) === 'touch')) return null
  const announced = inWork.map(({ path }) => {
    const { atWork, next } = paths.around(pathKey(path), (family[0] as Program).seq, 'look')
    return [...atWork, ...(next === null ? [] : [next])].filter(onlyLooks)
  })
  const common = announced.reduce((all, calls) => all.filter((call) => calls.includes(call)))
  return common.toSorted((a, b) => a.open - b.open)[0] ?? null
}
