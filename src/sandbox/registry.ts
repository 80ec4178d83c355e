// Every kind of sandbox that can be configured. context.ts picks one.
import { createBubblewrap } from './bubblewrap/create-bubblewrap.ts'
import { createDocker } from './docker/create-docker.ts'

export const SANDBOX_KINDS = { bubblewrap: createBubblewrap, docker: createDocker } as const
