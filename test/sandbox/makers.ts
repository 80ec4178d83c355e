// All kinds of sandbox that this machine can create, for the suites of this folder.
import { createBubblewrap } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import type { BubblewrapOptions } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { openEngine } from '../../src/sandbox/docker/engine.ts'
import type { SandboxProvider } from '../../src/sandbox/types.ts'
import { openTestEngine } from '../docker/engine.ts'

export interface Maker {
  kind: 'bubblewrap' | 'docker'
  make: (options: BubblewrapOptions) => SandboxProvider
  /** Ids of a run's containers that the engine still has. */
  containersOf: (run: string) => Promise<readonly string[]>
}

export async function makers(): Promise<readonly Maker[]> {
  const bubblewrap: Maker = { kind: 'bubblewrap', make: createBubblewrap, containersOf: async () => [] }
  const engine = await openTestEngine()
  if (typeof engine === 'string') {
    process.stderr.write(`tests leave out the sandbox kind docker: ${engine}\n`)
    return [bubblewrap]
  }
  const { client } = await openEngine(engine.socket)
  return [
    bubblewrap,
    {
      kind: 'docker',
      make: ({ guest, uids, uidLocks }) => createDocker({ guest, uids, uidLocks, ...engine }),
      async containersOf(run) {
        const found = await client.listContainers({ all: true, filters: { label: [`glovebox.run=${run}`] } })
        return found.map(({ Id }) => Id)
      },
    },
  ]
}
