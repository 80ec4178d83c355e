// Queued runs are in the store, so Glovebox starts them after a crash and a restart.
import { once } from 'node:events'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { socketTransport } from '../../src/cli/session/socket-transport.ts'
import { type Client, createClient } from '../../src/contract/client.ts'
import type { Run } from '../../src/domain/run.ts'
import { sandboxSection, sandboxKinds } from '../sandbox-kinds.ts'
import type { Bench } from './glovebox.ts'
import { finished, makeRepository, openBench } from './glovebox.ts'
import { makeDataFolder } from '../data-folder.ts'

const [kind] = await sandboxKinds()
const PARALLEL = 4

let bench: Bench
let repository: string
beforeAll(async () => {
  bench = await openBench()
  await makeDataFolder(bench.data, sandboxSection(kind!))
  repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
})
afterAll(() => bench[Symbol.asyncDispose]())

interface Serving extends AsyncDisposable {
  client: Client
  /** Ends Glovebox like a loss of power. */
  kill(): Promise<void>
}

async function serve(): Promise<Serving> {
  const child = bench.start('serve', '--port', '0')
  const ended = finished(child)
  const transport = socketTransport(join(bench.data, 'server.sock'), { id: `user:${userInfo().username}` })
  await expect.poll(() => transport.answers(), { timeout: 30_000 }).toBe(true)
  return {
    client: createClient(transport.send),
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      transport.close()
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      transport.close()
    },
  }
}

test('a queued run survives kill -9 and runs after the restart, and a running one is marked interrupted', async () => {
  const before = await serve()
  const start = (...argv: string[]) =>
    before.client.startRun({ body: { work: { kind: 'command', argv }, repository, trigger: 'api' } })
  const busy: Run[] = []
  for (let at = 0; at < PARALLEL; at++) busy.push(await start('sleep', '600'))
  const statusOf = async ({ client }: Serving, id: string) => (await client.getRun({ params: { run: id } })).run.status
  for (const { id } of busy) await expect.poll(() => statusOf(before, id), { timeout: 30_000 }).toBe('running')
  const waiting = await start('echo', 'hello')
  expect(await statusOf(before, waiting.id)).toBe('queued')
  await before.kill()

  await using after = await serve()
  await expect.poll(() => statusOf(after, waiting.id), { timeout: 60_000 }).toBe('succeeded')
  for (const { id } of busy) expect(await statusOf(after, id)).toBe('interrupted')
  const kinds: string[] = []
  for await (const { kind } of await after.client.readEvents({ params: { run: waiting.id } })) kinds.push(kind)
  expect(kinds.slice(0, 4)).toEqual(['run.requested', 'run.claimed', 'stage.started', 'policy.decided'])
  expect(kinds.at(-1)).toBe('run.finished')
})

test('a queued run is cancelled at once and never starts', async () => {
  await using serving = await serve()
  const { client } = serving
  const start = (...argv: string[]) => client.startRun({ body: { work: { kind: 'command', argv }, repository } })
  const busy: Run[] = []
  for (let at = 0; at < PARALLEL; at++) busy.push(await start('sleep', '600'))
  const waiting = await start('echo', 'hello')
  expect((await client.cancelRun({ params: { run: waiting.id } })).status).toBe('cancelled')
  for (const { id } of busy) await client.cancelRun({ params: { run: id } })
  const events: string[] = []
  for await (const { kind } of await client.readEvents({ params: { run: waiting.id }, query: { follow: true } }))
    events.push(kind)
  expect(events).toEqual(['run.requested', 'policy.decided', 'run.cancel-requested', 'run.finished'])
})
