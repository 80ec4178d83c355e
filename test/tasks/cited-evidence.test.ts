// What the change of a built-in task cites must exist at the end of the run as it was when the text became true.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseTask } from '../../src/domain/task/parse-task.ts'

const FOLDER = join(import.meta.dirname, '../../tasks')
const TASKS = readdirSync(FOLDER).map((file) => parseTask(readFileSync(join(FOLDER, file), 'utf8'), file))
const PROPOSING = TASKS.flatMap((task) => (task.change === undefined ? [] : [{ name: task.name, task }]))

test('there are tasks that propose changes', () => {
  expect(PROPOSING.map(({ name }) => name)).toContain('stabilise-tests')
})

describe.each(PROPOSING)('$name', ({ task }) => {
  const body = task.change?.body ?? ''
  const cited = (noun: string) =>
    [...body.matchAll(new RegExp(`${noun}\\s+\`([^\`]+)\``, 'g'))].map((match) => match[1]!)
  const stored = task.artifacts.map(({ name }) => name)

  test('cites artifacts and steps that it has', () => {
    expect(stored).toEqual(expect.arrayContaining(cited('artifact')))
    expect(task.steps.map(({ name }) => name)).toEqual(expect.arrayContaining(cited('step')))
  })

  test('stores each cited artifact once: no other step writes it, and no repaired step runs again and replaces it', () => {
    const repaired = task.steps.flatMap(({ repairs }) => repairs ?? [])
    const mentioned = stored.filter((name) => body.includes(`\`${name}\``))
    for (const name of mentioned) {
      const writers = task.steps.filter(({ run = '' }) => writes(run, name))
      expect(writers.length, `steps that write ${name}`).toBeLessThanOrEqual(1)
      expect(repaired, `${name} is written again after a repair`).not.toContain(writers[0]?.name)
    }
  })
})

/** Whether a script has the name of an artifact as a whole: `flaky-${when}.md` may be another file each time. */
function writes(script: string, name: string): boolean {
  return (
    script.includes(`artifacts/${name}`) ||
    script.includes(`GLOVEBOX_ARTIFACTS/${name}`) ||
    script.includes(`GLOVEBOX_ARTIFACTS}/${name}`)
  )
}
