// Real runs without a process for each command: a data folder, the services, real sandboxes and git.
import { join } from 'node:path'
import { openContext } from '../../src/context.ts'
import type { Actor } from '../../src/domain/actor.ts'
import type { Client, DownloadedBytes } from '../../src/contract/client.ts'
import type { RunDetail } from '../../src/contract/resources.ts'
import type { Event, EventKind } from '../../src/domain/event.ts'
import { clientOf } from '../services/client-of.ts'
import { testFolder } from '../test-folder.ts'
import { makeDataFolder } from '../data-folder.ts'

const ADA = { id: 'user:ada' }

export interface Ran extends RunDetail {
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>['body'][]
  /** Output of a step. The steps of a command run are clone, command and collect. */
  output(step: number, stream?: 'stdout' | 'stderr'): Promise<string>
}

export interface RunRequest {
  /** Script for `sh -ec`; without it, `task` names a task. */
  script?: string
  task?: string
  mode?: 'write' | 'read-only'
  ref?: string
}

export interface Workshop extends AsyncDisposable {
  readonly folder: string
  /** Client of the person who owns the data folder. */
  readonly client: Client
  /** Resolves when the run has ended in any way. */
  run(repository: string, request: RunRequest): Promise<Ran>
  /** Waits for the end of a run that was started otherwise. */
  follow(run: string): Promise<Ran>
  /** Client of another person on this machine. */
  as(actor: Actor): Client
}

/** `configuration`: text of glovebox.yaml. The policy `solo` lets the person approve changes of her own runs. */
export async function openWorkshop(configuration = 'policies: { enable: [solo] }\n'): Promise<Workshop> {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await testFolder({ mode: 0o711 }))
  const dataFolder = join(folder, 'data')
  await makeDataFolder(dataFolder, configuration)
  const { services } = stack.use(await openContext({ dataFolder, work: true }))
  const client = clientOf(services, ADA)
  const opened = stack.move()
  return {
    folder,
    client,
    run: (repository, request) => runToEnd(client, repository, request),
    follow: (run) => follow(client, run),
    as: (actor) => clientOf(services, actor),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function runToEnd(client: Client, repository: string, request: RunRequest): Promise<Ran> {
  const { script, task = '', ...rest } = request
  const work =
    script === undefined
      ? { kind: 'task' as const, name: task }
      : { kind: 'command' as const, argv: ['sh', '-ec', script] }
  const { id } = await client.startRun({ body: { work, repository, ...rest } })
  return follow(client, id)
}

async function follow(client: Client, id: string): Promise<Ran> {
  const events: Event[] = []
  const params = { run: id }
  for await (const event of await client.readEvents({ params, query: { follow: true } })) events.push(event)
  return {
    ...(await client.getRun({ params })),
    of: (kind) => events.flatMap((event) => (event.kind === kind ? [event.body as never] : [])),
    output: async (step, stream = 'stdout') =>
      textOf(await client.readOutput({ params: { ...params, step }, query: { stream } })),
  }
}

export async function textOf({ bytes }: DownloadedBytes): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
