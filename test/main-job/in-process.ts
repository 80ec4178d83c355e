// Runs of the real thing without a process for each command: a data folder, the services, real sandboxes and git.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openContext } from '../../src/context.ts'
import type { RunDetail } from '../../src/contract/resources.ts'
import type { Event, EventKind } from '../../src/domain/event.ts'
import type { Download, Services } from '../../src/services/types.ts'
import { testFolder } from '../test-folder.ts'

export const ADA = { id: 'user:ada' }

export interface Ran extends RunDetail {
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>['body'][]
  /** What a step wrote; the steps of a command are clone, command and collect. */
  output(step: number, stream?: 'stdout' | 'stderr'): Promise<string>
}

export interface RunRequest {
  /** For `sh -ec`; otherwise `task` is the name of one. */
  script?: string
  task?: string
  inputs?: Record<string, string>
  mode?: 'write' | 'read-only'
  ref?: string
}

export interface Workshop extends AsyncDisposable {
  readonly folder: string
  readonly services: Services
  /** Resolves when the run is over, however it ended. */
  run(repository: string, request: RunRequest): Promise<Ran>
}

/** `configuration` is the text of glovebox.yaml. The policy `solo` lets ADA approve what she asked for. */
export async function openWorkshop(configuration = 'policies: { enable: [solo] }\n'): Promise<Workshop> {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await testFolder({ mode: 0o711 }))
  const dataFolder = join(folder, 'data')
  await mkdir(dataFolder, { mode: 0o700 })
  await writeFile(join(dataFolder, 'glovebox.yaml'), configuration, { mode: 0o600 })
  const { services } = stack.use(await openContext({ dataFolder }))
  const opened = stack.move()
  return {
    folder,
    services,
    run: (repository, request) => runToEnd(services, repository, request),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function runToEnd(services: Services, repository: string, request: RunRequest): Promise<Ran> {
  const { script, task = '', inputs = {}, mode = null, ref = null } = request
  const run = await services.startRun(ADA, {
    work:
      script === undefined ? { kind: 'task', name: task, inputs } : { kind: 'command', argv: ['sh', '-ec', script] },
    repository,
    ref,
    mode,
    sandbox: null,
    advisories: null,
    agent: { name: null, connection: null, model: null },
  })
  const events: Event[] = []
  const never = new AbortController().signal
  for await (const event of services.readEvents(ADA, run.id, { follow: true }, never)) events.push(event)
  return {
    ...(await services.getRun(ADA, run.id)),
    of: (kind) => events.flatMap((event) => (event.kind === kind ? [event.body as never] : [])),
    output: async (step, stream = 'stdout') => textOf(await services.readOutput(ADA, run.id, step, stream)),
  }
}

export async function textOf({ bytes }: Download): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
