import { expect, test } from 'vitest'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'
import { Task } from '../../domain/task/task.ts'
import { createFakeGuest } from '../../sandbox/fake.ts'
import type { Prepared } from '../stages/prepare.ts'
import { readPrompt } from './read-prompt.ts'

const task = Task.parse({ name: 'x', description: 'd', mode: 'write', steps: [{ run: 'true' }] })
const step = { prompt: 'Fix ${{ inputs.what }}.\n' } as PlannedAgent

function promptOf(review: string | null): Promise<string> {
  const start = review === null ? null : { commit: 'a'.repeat(40), pack: `sha256:${'0'.repeat(64)}`, review }
  return readPrompt(step, { run: { inputs: { what: 'it' } }, task, start } as unknown as Prepared, createFakeGuest())
}

test('the prompt of a first attempt is the filled-in prompt of the step', async () => {
  expect(await promptOf(null)).toBe('Fix it.\n')
})

test('the prompt of another attempt ends with the review comments, in which nothing is filled in', async () => {
  const prompt = await promptOf('user:eve commented:\n> test ${{ inputs.what }}\n')
  expect(prompt).toMatch(/^Fix it\.\n\nThis is another attempt\./)
  expect(prompt).toContain('`origin/glovebox-start`')
  expect(prompt).toMatch(
    /--- Review comments ---\n\nuser:eve commented:\n> test \$\{\{ inputs\.what \}\}\n\n--- End of the review comments ---\n$/,
  )
})
