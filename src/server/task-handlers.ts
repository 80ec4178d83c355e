import type { TASK_ENDPOINTS } from '../contract/tasks.ts'
import type { Handlers } from './handler.ts'

export const TASK_HANDLERS: Handlers<keyof typeof TASK_ENDPOINTS> = {
  async listTasks({ services, actor }) {
    return { tasks: [...(await services.listTasks(actor))] }
  },
  getTask: ({ services, actor, params }) => services.getTask(actor, params.task),
  checkTask: ({ services, actor, body }) => services.checkTask(actor, body),
}
