// A killed Glovebox: the next start finds its containers by their labels, and removes no others.
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import { eventually, livingOf, TEST_UIDS, workspaceFile } from '../sandbox/boxes.ts'
import { holdSandbox } from '../sandbox/hold.ts'
import { containersWith, ENGINE, theEngine } from './docker-bench.ts'
import { openEngineSocket } from './engine-socket.ts'

const REAL_GUEST = fileURLToPath(new URL('../../build/guest/glovebox-guest', import.meta.url))

function provider(socket = theEngine().socket) {
  return createDocker({ guest: '/bin/true', uids: TEST_UIDS, image: theEngine().image, socket })
}

test.runIf(ENGINE)('the next start removes its own containers and no others', async () => {
  const held = await holdSandbox([], { uids: TEST_UIDS, docker: theEngine() })
  const other = await holdSandbox([], { uids: TEST_UIDS, docker: theEngine() })
  await workspaceFile({ directory: join(held.root, held.run) }, 'done')
  expect(await provider().reap(held.root)).toEqual([]) // its Glovebox process is alive
  const exited = once(held.child, 'exit')
  held.child.kill('SIGKILL')
  await exited
  expect(await provider().reap(other.root)).toEqual([])
  expect(await containersWith(`glovebox.run=${held.run}`)).toMatchObject([{ state: 'running' }])
  expect(await provider().reap(held.root)).toEqual([held.run])
  expect(await containersWith(`glovebox.run=${held.run}`)).toEqual([])
  expect(livingOf(held.hostUid)).toBe(0)
  expect(readdirSync(held.root)).toEqual([])
  expect(readdirSync(join(held.folder, 'uids'))).toEqual([])
  expect(await containersWith(`glovebox.run=${other.run}`)).toMatchObject([{ state: 'running' }])
  other.child.kill('SIGKILL')
  await once(other.child, 'exit')
  await provider().reap(other.root)
  await Promise.all([held, other].map(({ folder }) => removeTree(folder)))
})

test.runIf(ENGINE && existsSync(REAL_GUEST))(
  'the real guest ends by itself, with everything in the sandbox',
  async () => {
    const held = await holdSandbox([], { uids: TEST_UIDS, guest: REAL_GUEST, docker: theEngine() })
    expect(livingOf(held.hostUid)).toBe(1)
    held.child.kill('SIGKILL')
    await eventually(() => livingOf(held.hostUid) === 0, 'the end of the guest')
    expect(await provider().reap(held.root)).toEqual([held.run])
    expect(await containersWith(`glovebox.run=${held.run}`)).toEqual([])
    await removeTree(held.folder)
  },
)

test.runIf(ENGINE)('removes leftovers before the next sandbox if the engine was down at the start', async () => {
  const held = await holdSandbox([], { uids: TEST_UIDS, docker: theEngine() })
  held.child.kill('SIGKILL')
  await once(held.child, 'exit')
  await using front = await openEngineSocket(theEngine().socket)
  await front.goAway()
  const late = provider(front.path)
  expect(await late.reap(held.root)).toEqual([held.run]) // found by its processes on the host
  expect(livingOf(held.hostUid)).toBe(0)
  expect(await containersWith(`glovebox.run=${held.run}`)).toHaveLength(1)
  await front.comeBack()
  const refused = { run: 'BAD' } as Parameters<typeof late.start>[0]
  await expect(late.start(refused, new AbortController().signal)).rejects.toMatchObject({ code: 'bad-spec' })
  expect(await containersWith(`glovebox.run=${held.run}`)).toEqual([])
  await removeTree(held.folder)
})
