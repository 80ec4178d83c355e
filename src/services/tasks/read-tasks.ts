// Use cases: read the instance's tasks, and check a task that is not installed yet.
import type { Answer, Call } from '../../contract/call.ts'
import type { TaskSummary } from '../../contract/resources.ts'
import { suggestion } from '../../domain/nearest-word.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { BuiltInTask } from '../../runner/plan/find-task.ts'
import type { ServiceParts } from '../parts.ts'
import { pageOfNamed } from '../read-page.ts'
import { ServiceError } from '../types.ts'

type TaskParts = AuthoriseParts & Pick<ServiceParts, 'tasks'>

export async function listTasks(parts: TaskParts, call: Call<'listTasks'>): Promise<Answer<'listTasks'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { items, next } = pageOfNamed(parts.tasks, call.query, ({ task }) => task.name)
  return { tasks: items.map(summarise), next }
}

export async function getTask(parts: TaskParts, call: Call<'getTask'>): Promise<Answer<'getTask'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const name = call.params.task
  const found = parts.tasks.find((entry) => entry.task.name === name)
  if (!found)
    throw new ServiceError('not-found', `there is no task \`${name}\``, {
      cure: suggestion(
        name,
        parts.tasks.map((entry) => entry.task.name),
      ),
    })
  return { ...summarise(found), text: found.text }
}

export async function checkTask(
  parts: AuthoriseParts & Pick<ServiceParts, 'checkTask'>,
  call: Call<'checkTask'>,
): Promise<Answer<'checkTask'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const problems = [...parts.checkTask(call.body.text, call.body.name)]
  return { valid: problems.length === 0, problems }
}

function summarise({ task, source }: BuiltInTask): TaskSummary {
  const inputs = Object.entries(task.inputs).map(
    ([name, input]) =>
      [name, { description: input.description, default: input.default ?? null, required: input.required }] as const,
  )
  const steps = task.steps.map((step, index) => step.name ?? `step ${index + 1}`)
  return {
    name: task.name,
    description: task.description,
    mode: task.mode,
    source,
    inputs: Object.fromEntries(inputs),
    reach: task.reach,
    steps,
  }
}
