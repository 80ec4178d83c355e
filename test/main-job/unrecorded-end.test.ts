// The end of a run can't be recorded, because the disk is full. Whoever follows the run learns it, and the next start
// finds the run interrupted. The database itself is real; only its disk is played.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openContext } from '../../src/context.ts'
import { makeDataFolder } from '../data-folder.ts'
import { clientOf } from '../services/client-of.ts'
import { testFolder } from '../test-folder.ts'
import { makeRepository } from './glovebox.ts'

const ADA = { id: 'user:ada' }
/** SQLite's own error on a full disk. */
const FULL = Object.assign(new Error('database or disk is full'), { errcode: 13 })

test('a run whose end finds no room on the disk ends for its followers with the reason, and is interrupted later', async () => {
  await using folder = await testFolder({ mode: 0o711 })
  const dataFolder = join(folder.path, 'data')
  await makeDataFolder(dataFolder, '')
  const repository = await makeRepository(folder.path, 'project', { 'README.md': 'hello\n' })
  let full = false
  let tries = 0
  const first = await openContext({ dataFolder, work: true }, ({ store }) => ({
    store: {
      ...store,
      underClaim: (claim) => {
        const writing = store.underClaim(claim)
        return { ...writing, transact: (work) => (full && ++tries ? Promise.reject(FULL) : writing.transact(work)) }
      },
    },
  }))
  const client = clientOf(first.services, ADA)
  const { id } = await client.startRun({ body: { work: { kind: 'command', argv: ['true'] }, repository } })
  const follow = async () => {
    for await (const event of await client.readEvents({ params: { run: id }, query: { follow: true } }))
      if (event.kind === 'step.started') full = true
  }
  await expect(follow()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(new RegExp(`^run ${id} could not be recorded to its end: the disk of .* is full`)),
    cure: expect.stringContaining('interrupted'),
  })
  expect(tries).toBeGreaterThan(1)
  await expect.poll(() => first.unended()).toEqual([])
  await first[Symbol.asyncDispose]()

  await using second = await openContext({ dataFolder, work: true })
  const { run } = await clientOf(second.services, ADA).getRun({ params: { run: id } })
  expect(run).toMatchObject({ status: 'interrupted' })
})
