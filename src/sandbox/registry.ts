// Registry of all kinds of sandbox. context.ts picks the configured one.
import { createBubblewrap } from './bubblewrap/create-bubblewrap.ts'
import { createDocker } from './docker/create-docker.ts'

export const SANDBOX_KINDS = { bubblewrap: createBubblewrap, docker: createDocker } as const
