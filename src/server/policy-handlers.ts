import type { POLICY_ENDPOINTS } from '../contract/policies.ts'
import type { Handlers } from './handler.ts'

export const POLICY_HANDLERS: Handlers<keyof typeof POLICY_ENDPOINTS> = {
  listPolicies: ({ services, actor }) => services.listPolicies(actor),
  checkPolicy: ({ services, actor, body }) => services.checkPolicy(actor, body),
}
