// What agent steps mean when they leave something out.
import { z } from 'zod'
import { ConnectionName } from './connections/connection-name.ts'

/** What an agent step means when it leaves something out. */
export const AgentDefaults = z.strictObject({
  default: z.string().min(1).max(100).optional().describe('the agent that `agent: default` means'),
  connection: ConnectionName.optional().describe('the model connection; default: the only one that there is'),
  model: z.string().min(1).max(200).optional().describe('default: the first one of the connection'),
  folders: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('by name of the agent: the folder on this host that it is installed in'),
})
export type AgentDefaults = z.infer<typeof AgentDefaults>
