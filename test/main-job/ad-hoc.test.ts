// Work that comes with the request, in a real sandbox.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpmConfiguration } from '../../src/gateway/registries/npm/configuration.ts'
import { commitAll, makeRepository } from './glovebox.ts'
import { openWorkshop, textOf } from './in-process.ts'
import type { Workshop } from './in-process.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

let shop: Workshop
let repository: string
beforeAll(async () => {
  shop = await openWorkshop()
  repository = await makeRepository(shop.folder, 'project', { 'a.txt': 'one\n' })
})
afterAll(() => shop[Symbol.asyncDispose]())

const TASK = `name: stamp
description: Writes a file
mode: write
inputs: { who: { description: Name } }
steps:
  - name: stamp
    run: echo "$INPUT_WHO" > stamp.txt
change: { title: Stamp it }
`

async function finish(id: string) {
  for await (const _ of await shop.client.readEvents({ params: { run: id }, query: { follow: true } }));
  return shop.client.getRun({ params: { run: id } })
}

test('a task file runs, its text is on the record, and the same run can be started again at the same commit', async () => {
  const work = { kind: 'file' as const, file: './stamp.yaml', text: TASK, inputs: { who: 'Ada' } }
  const { id } = await shop.client.startRun({ body: { work, repository } })
  const first = await finish(id)
  expect(first.run).toMatchObject({ status: 'succeeded', task: 'ad-hoc/stamp', taskSource: 'ad-hoc' })
  expect(first.change?.change).toMatchObject({ title: 'Stamp it', branch: `glovebox/ad-hoc/stamp/${id}` })
  await writeFile(join(repository, 'b.txt'), 'two\n')
  await commitAll(repository, 'Second')
  const again = await shop.client.rerunRun({ params: { run: id }, body: { sameCommit: true } })
  const second = await finish(again.id)
  expect(second.run).toMatchObject({ status: 'succeeded', commit: first.run.commit, inputs: { who: 'Ada' } })
  const diff = async (change: string | undefined) =>
    textOf(await shop.client.readDiff({ params: { change: change ?? '' } }))
  expect(await diff(second.change?.change.id)).toBe(await diff(first.change?.change.id))
  const third = await finish((await shop.client.rerunRun({ params: { run: id }, body: {} })).id)
  expect(third.run.commit).not.toBe(first.run.commit)
})

test('a command reaches what it names, and the plan says so', async () => {
  const work = { kind: 'command' as const, argv: ['sh', '-c', 'true'], reach: ['nmp'] }
  await expect(shop.client.startRun({ body: { work, repository } })).rejects.toMatchObject({
    code: 'bad-input',
    message: 'reach names `nmp`, which neither a policy nor the configuration knows',
    cure: expect.stringContaining('npm'),
  })
  const { registry } = await readNpmConfiguration({ env: process.env })
  const script = `curl -s -o /dev/null ${new URL('lodash', registry).href} || true`
  const codes: string[] = []
  for (const reach of [[], ['npm']]) {
    const { id } = await shop.client.startRun({
      body: { work: { kind: 'command', argv: ['sh', '-c', script], reach }, repository },
    })
    await finish(id)
    const allowed: boolean[] = []
    for await (const event of await shop.client.readEvents({
      params: { run: id },
      query: { kind: ['policy.decided'] },
    }))
      if (event.kind === 'policy.decided' && event.body.action === 'connect') allowed.push(event.body.allowed)
    codes.push(allowed.join())
  }
  expect(codes).toEqual(['false', 'true'])
})
