// What differs between the plans of two runs with the same request: what changed in between.
import type { Client } from '../../contract/client.ts'
import type { EventBody } from '../../domain/event.ts'
import { formatText } from '../arguments/command-line.ts'

type Plan = EventBody<'run.planned'>

/** Printable lines; none if nothing differs, or if one of the runs ended before it had a plan. */
export async function planDifferences(client: Client, earlier: string, later: string): Promise<string[]> {
  const [before, after] = [await planOf(client, earlier), await planOf(client, later)]
  if (before === null || after === null) return []
  const rows = [
    before.commit === after.commit
      ? []
      : [`the repository has moved from commit ${before.commit.slice(0, 12)} to ${after.commit.slice(0, 12)}`],
    before.taskText === after.taskText ? [] : [`the text of task ${formatText(after.task)} has changed`],
    before.policyDigest === after.policyDigest ? [] : ['the policies in force have changed'],
    before.sandbox === after.sandbox
      ? []
      : [`the sandbox is ${formatText(after.sandbox)} instead of ${formatText(before.sandbox)}`],
    toolChanges(before, after),
  ]
  return rows.flat().map((row) => `since run ${earlier}: ${row}`)
}

function toolChanges(before: Plan, after: Plan): string[] {
  const [old, present] = [new Map(Object.entries(before.toolchain)), new Map(Object.entries(after.toolchain))]
  return [...new Set([...old.keys(), ...present.keys()])].toSorted().flatMap((tool) => {
    const [was, is] = [old.get(tool) ?? 'missing', present.get(tool) ?? 'missing']
    return was === is ? [] : [`${formatText(tool)} is ${formatText(is)} instead of ${formatText(was)}`]
  })
}

async function planOf(client: Client, run: string): Promise<Plan | null> {
  for await (const event of await client.readEvents({ params: { run }, query: { kind: ['run.planned'] } }))
    if (event.kind === 'run.planned') return event.body
  return null
}
