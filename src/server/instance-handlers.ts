import type { INSTANCE_ENDPOINTS } from '../contract/instance.ts'
import type { Handlers } from './handler.ts'

export const INSTANCE_HANDLERS: Handlers<keyof typeof INSTANCE_ENDPOINTS> = {
  getInstance: ({ services, actor }) => services.instance(actor),
  getHealth: ({ services, actor }) => services.examine(actor),
}
