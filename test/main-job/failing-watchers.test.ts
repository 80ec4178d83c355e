// Two runs at work in one process. A watcher of the first one fails: that run ends with the reason on its record, and
// the other one does not notice.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PROJECT_FOLDERS } from '../../src/config/project-folders.ts'
import { openContext } from '../../src/context.ts'
import type { Client } from '../../src/contract/client.ts'
import { createBubblewrap } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import { type Watchers, WATCHERS } from '../../src/sandbox/on-host/guard-sandbox.ts'
import { makeDataFolder } from '../data-folder.ts'
import { clientOf } from '../services/client-of.ts'
import { testFolder } from '../test-folder.ts'
import { makeRepository } from './glovebox.ts'

const GUEST = join(PROJECT_FOLDERS.root, 'build/guest/glovebox-guest')

/** What Node throws when this machine can open no more files. */
const ENFILE = Object.assign(new Error("ENFILE: file table overflow, open '/proc/self/mountinfo'"), { code: 'ENFILE' })

let unhandled: unknown[] = []
const note = (error: unknown) => void unhandled.push(error)
beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
})

/** The first sandbox gets a watcher that fails as soon as `failing` resolves; every other one gets the real one. */
function failFirst(failing: Promise<void>): () => Promise<void> | null {
  let sandboxes = 0
  return () => (sandboxes++ === 0 ? failing.then(() => Promise.reject(ENFILE)) : null)
}

const CASES: [string, (failing: Promise<void>) => Partial<Watchers>][] = [
  [
    "the workspace's size",
    (failing) => {
      const first = failFirst(failing)
      return { workspace: (options) => first() ?? WATCHERS.workspace(options) }
    },
  ],
  [
    'open files and sockets',
    (failing) => {
      const first = failFirst(failing)
      return { pools: (options) => first() ?? WATCHERS.pools(options) }
    },
  ],
  [
    'the recorder',
    (failing) => {
      const first = failFirst(failing)
      return { recorder: (options) => first() ?? WATCHERS.recorder(options) }
    },
  ],
]

test.each(CASES)('a failed watcher of %s ends its own run with the reason, and no other', async (what, make) => {
  await using folder = await testFolder({ mode: 0o711 })
  const dataFolder = join(folder.path, 'data')
  await makeDataFolder(dataFolder, '')
  const repository = await makeRepository(folder.path, 'project', { 'README.md': 'hello\n' })
  const failing = Promise.withResolvers<void>()
  const sandbox = createBubblewrap({ guest: GUEST, watchers: make(failing.promise) })
  const override = () => ({ sandbox, sandboxKinds: new Map([['bubblewrap', sandbox]]) })
  await using context = await openContext({ dataFolder, work: true }, override)
  const client = clientOf(context.services, { id: 'user:ada' })
  const victim = await startWaiting(client, repository)
  const neighbour = await startWaiting(client, repository)

  failing.resolve()
  const reason = `the watcher of ${what} failed: ${ENFILE.message}`
  expect(await endOf(client, victim)).toMatchObject({ status: 'error', reason })

  expect((await client.getRun({ params: { run: neighbour } })).run.status).toBe('running')
  await writeFile(join(dataFolder, 'sandboxes', neighbour, 'workspace', 'repo', 'go'), '')
  expect(await endOf(client, neighbour)).toMatchObject({ status: 'succeeded', reason: null })
  expect(unhandled).toEqual([])
})

/** Starts a run that works until there is a file `go` in its workspace; resolves when it works. */
async function startWaiting(client: Client, repository: string): Promise<string> {
  const argv = ['sh', '-c', 'until [ -e go ]; do sleep 0.1; done']
  const { id } = await client.startRun({ body: { work: { kind: 'command', argv }, repository } })
  const started = async () => {
    const query = { kind: ['process.started' as const] }
    const events = await Array.fromAsync(await client.readEvents({ params: { run: id }, query }))
    return events.map(({ body }) => JSON.stringify(body)).join()
  }
  await expect.poll(started, { timeout: 60_000 }).toContain('until')
  return id
}

/** The end as the record tells it. */
async function endOf(client: Client, run: string): Promise<unknown> {
  const query = { follow: true, kind: ['run.finished' as const] }
  const [end] = await Array.fromAsync(await client.readEvents({ params: { run }, query }))
  return end?.body
}
