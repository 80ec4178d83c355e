// Glovebox under an ordinary account that may use the engine's socket.
import { once } from 'node:events'
import { chmodSync, existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import { eventually, livingOf } from '../sandbox/boxes.ts'
import { as, holdSandbox } from '../sandbox/hold.ts'
import { containersWith, ENGINE, theEngine } from './docker-bench.ts'
import { openEngineSocket } from './engine-socket.ts'

test.runIf(ENGINE)("sandboxes have the account's own uid and limits, and leave nothing behind", async () => {
  const { socket, image } = theEngine()
  await using front = await openEngineSocket(socket)
  chmodSync(front.path, 0o666)
  const person = 825_011
  const held = await holdSandbox(as(person), { docker: { image, socket: front.path } }, '--destroy')
  expect(held.hostUid).toBe(person)
  expect(held.limitsInForce['memory']).toMatch(/^docker cgroup-v[12] 268435456 bytes/)
  const [code] = await once(held.child, 'exit')
  expect(code).toBe(0)
  expect(existsSync(held.folder)).toBe(false)
  expect(livingOf(person)).toBe(0)
  expect(await containersWith(`glovebox.run=${held.run}`)).toEqual([])
})

test.runIf(ENGINE)('a sandbox ends when the engine goes away', async () => {
  const { socket, image } = theEngine()
  await using front = await openEngineSocket(socket)
  chmodSync(front.path, 0o666)
  const person = 825_012
  const held = await holdSandbox(as(person), { docker: { image, socket: front.path } })
  await front.goAway()
  // Only Glovebox itself is left.
  await eventually(() => livingOf(person) === 1, 'the end of the sandbox')
  await eventually(async () => (await containersWith(`glovebox.run=${held.run}`))[0]?.state === 'exited', 'its end')
  held.child.kill('SIGKILL')
  await once(held.child, 'exit')
  await createDocker({ guest: '/bin/true', ...theEngine() }).reap(held.root)
  expect(await containersWith(`glovebox.run=${held.run}`)).toEqual([])
  await removeTree(held.folder)
})
