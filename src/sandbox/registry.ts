// Every kind of sandbox that can be configured. context.ts picks one.
import { createBubblewrap } from './bubblewrap/create-bubblewrap.ts'

export const SANDBOX_KINDS = { bubblewrap: createBubblewrap } as const
