import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { chmod, readFile } from 'node:fs/promises'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { buildGuest } from './build-guest.ts'
import { argvs, files } from './read-reports.ts'
import { GATEWAY_PORT } from './launch-box.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

beforeAll(buildGuest, 300_000)

let box: GuestUnderTest
afterEach(() => box[Symbol.asyncDispose]())

function boxEnded(): Promise<void> {
  return new Promise((resolve) => box.box.once('close', () => resolve()))
}

/** Host process ids of a box and what it holds. */
async function processesOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const below = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map((child) => processesOf(Number(child))),
  )
  return [pid, ...below.flat()]
}

async function isGone(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/stat`).then(
    () => false,
    () => true,
  )
}

test('when the link ends, everything in the sandbox ends', async () => {
  box = await startGuest()
  const ended = boxEnded()
  const running = sh(box.guest, 'setsid sleep 1000 & sleep 1000').catch((error: unknown) => error)
  const outermost = box.box.pid ?? 0
  await expect.poll(async () => (await processesOf(outermost)).length).toBeGreaterThan(3)
  const pids = await processesOf(outermost)
  box.guest.close()
  await ended
  expect(await running).toMatchObject({ code: 'closed' })
  expect(await Promise.all(pids.map(isGone))).not.toContain(false)
})

test('SIGTERM from the host ends the guest', async () => {
  box = await startGuest()
  const ended = boxEnded()
  const pids = await processesOf(box.box.pid ?? 0)
  process.kill(pids.at(-1) ?? 0, 'SIGTERM')
  await ended
  await expect(box.guest.lost).rejects.toMatchObject({ code: 'lost' })
})

test('SIGTERM from a step does not, even one that names a sender outside', async () => {
  box = await startGuest()
  const forge =
    'import ctypes,os,struct\nl=ctypes.CDLL(None)\nfor c in (0,-1,-6):\n l.syscall(129,1,15,struct.pack("iiiiii",15,0,c,0,0,0)+bytes(104))\nos.kill(1,15)'
  await run(box.guest, ['/usr/bin/python3', '-c', forge])
  expect((await sh(box.guest, 'echo alive')).stdout).toBe('alive\n')
})

test('without CAP_SYS_PTRACE the record is as good, and the coverage says what it took', async () => {
  box = await startGuest({ ptrace: false })
  const { reports, stdout } = await sh(box.guest, 'echo secret > secret; /run/glovebox/programs/hides undumpable')
  expect(stdout).toBe('secret\n')
  expect(argvs(reports)).toHaveLength(2)
  expect(files(reports).read).toEqual(['/workspace/secret'])
  const { complete, blindSpots } = await box.guest.coverage()
  expect({ complete, said: blindSpots.some((spot) => spot.includes('CAP_SYS_PTRACE')) }).toEqual({
    complete: true,
    said: true,
  })
  expect((await box.guest.selfTest()).filter(({ passed }) => !passed)).toEqual([])
})

test('files are read out without following symlinks, waiting on pipes, or going over the limit', async () => {
  box = await startGuest()
  await sh(box.guest, 'seq 1 100000 > big; ln -s big link; mkfifo pipe; mkdir folder; echo x > closed; chmod 0 closed')
  expect(Buffer.from((await box.guest.readFile('/workspace/big', 1 << 20)) ?? []).toString()).toHaveLength(588_895)
  expect(await box.guest.readFile('/workspace/missing', 10)).toBeNull()
  expect(await box.guest.readFile('/workspace/big/below', 10)).toBeNull()
  for (const name of ['link', 'pipe', 'folder', 'closed', 'big']) {
    await expect(box.guest.readFile(`/workspace/${name}`, 100)).rejects.toMatchObject({ code: 'unreadable' })
  }
  for (const path of ['/proc/1/environ', '/dev/zero', '/proc/1/mem']) {
    await expect(box.guest.readFile(path, 100)).rejects.toMatchObject({ code: 'unreadable' })
  }
  expect((await sh(box.guest, 'echo alive')).stdout).toBe('alive\n')
})

test('the bridge carries large bodies both ways, with half-close, while a step is recorded', async () => {
  box = await startGuest()
  const gateway = createServer({ allowHalfOpen: true }, (socket: Socket) => void socket.pipe(socket))
  await new Promise<void>((resolve) => gateway.listen(box.gatewaySocket, resolve))
  await chmod(box.gatewaySocket, 0o666)
  const script = `
    const net = require('net'), crypto = require('crypto')
    const one = (size) => new Promise((resolve, reject) => {
      const sent = crypto.randomBytes(size), got = []
      const socket = net.connect({ port: ${GATEWAY_PORT}, host: '127.0.0.1', allowHalfOpen: true })
      socket.on('data', (d) => got.push(d)).on('error', reject).on('end', () => resolve(Buffer.concat(got).equals(sent)))
      socket.end(sent)
    })
    Promise.all([...Array(64).fill(10000), 8 << 20]. map(one)).then((all) => console.log(all.length, all.every(Boolean)))`
  const { stdout, stderr } = await run(box.guest, ['node', '-e', script])
  gateway.close()
  expect({ stdout, stderr }).toEqual({ stdout: '65 true\n', stderr: '' })
})

test('without a gateway a connection is closed, and nothing else is reachable', async () => {
  box = await startGuest()
  const script = `const net = require('net')
    for (const [port, host] of [[${GATEWAY_PORT}, '127.0.0.1'], [443, '1.1.1.1']]) net.connect(port, host).on('error', (e) => console.log(host, e.code)).on('end', () => console.log(host, 'closed'))`
  const { stdout } = await run(box.guest, ['node', '-e', script])
  expect(stdout.split('\n').toSorted()).toEqual(['', '1.1.1.1 ENETUNREACH', '127.0.0.1 closed'])
})
