// Defaults for agent steps of tasks.
import { z } from 'zod'
import { ConnectionName } from './connections/connection-name.ts'

export const AgentDefaults = z.strictObject({
  default: z.string().min(1).max(100).optional().describe('the agent that `agent: default` means'),
  connection: ConnectionName.optional().describe('the model connection; default: the only configured one'),
  model: z.string().min(1).max(200).optional().describe('default: the first one of the connection'),
  folders: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('folders on this host with installed agents, by name of the agent'),
})
export type AgentDefaults = z.infer<typeof AgentDefaults>
