// Endpoints: tasks.
import { z } from 'zod'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { CheckResult, SourceFile, TaskDetail, TaskSummary } from './resources.ts'
import { PAGE, pageOf } from './wire-values.ts'

export const TASK_ENDPOINTS = {
  listTasks: {
    method: 'GET',
    path: '/tasks',
    summary: 'The tasks that a run can execute',
    permission: 'task.read',
    event: null,
    params: NOTHING,
    query: z.strictObject(PAGE),
    body: null,
    answer: json(pageOf('tasks', TaskSummary)),
  },
  getTask: {
    method: 'GET',
    path: '/tasks/:task',
    summary: 'A task with its text',
    permission: 'task.read',
    event: null,
    params: z.strictObject({ task: z.string().min(1).max(200) }),
    query: NOTHING,
    body: null,
    answer: json(TaskDetail),
  },
  checkTask: {
    method: 'POST',
    path: '/check/task',
    summary: 'Check a task file and list its problems; nothing is stored',
    permission: 'task.read',
    event: null,
    params: NOTHING,
    query: NOTHING,
    body: SourceFile,
    answer: json(CheckResult),
  },
} as const satisfies Record<string, Endpoint>
