// Several processes on one data folder: the working process listens on the folder's socket, and the others connect to
// it.
import { rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openInstance } from '../services/test-instance.ts'
import { testFolder, type TestFolder } from '../test-folder.ts'
import type { Run } from '../../src/domain/run.ts'
import { openTerminal } from './terminal.ts'
import { makeDataFolder } from '../data-folder.ts'

let own: TestFolder
let folder: string
let opened: AsyncDisposableStack
beforeEach(async () => {
  opened = new AsyncDisposableStack()
  own = await testFolder()
  folder = own.path
  await makeDataFolder(folder)
})
afterEach(async () => {
  await opened[Symbol.asyncDispose]()
  await own[Symbol.asyncDispose]()
})

const START = ['run', 'fix-vulnerabilities', '--repo', '/r']

/** Two terminals in separate processes, which can reach each other's services only through the socket. */
async function openTwo(dataFolder = folder) {
  const lock = { held: false }
  const instance = opened.use(await openInstance())
  const other = opened.use(await openInstance())
  const started = Promise.withResolvers<Run>()
  instance.onQueued = (run) => started.resolve(run)
  return {
    instance,
    lock,
    started: started.promise,
    first: openTerminal({ dataFolder, instance, lock }),
    second: openTerminal({ dataFolder, instance: other, lock }),
  }
}

test('while a run works in one process, another lists it, follows its trace and asks it to stop', async () => {
  const { first, second, instance, started } = await openTwo()
  const running = first.type(...START)
  const run = await started
  expect((await second.type('runs')).stdout).toContain(run.id.slice(-8))
  const following = second.type('trace', 'latest', '--follow', '--json')
  await expect.poll(() => instance.asked.filter(({ endpoint }) => endpoint === 'readEvents').length).toBe(2)
  await instance.emit(run.id, 'stage.started', { stage: 'work' })
  expect(await second.type('runs', 'cancel', 'latest')).toMatchObject({ code: 0 })
  const { stdout, code } = await following
  expect(code).toBe(0)
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind),
  ).toEqual(['run.requested', 'stage.started', 'policy.decided', 'run.cancel-requested', 'run.finished'])
  expect((await running).code).toBe(130)
  expect(second.contexts).toEqual([])
})

test('only the owner of the folder can use the socket, which is removed afterwards', async () => {
  const { first, instance, started } = await openTwo()
  const running = first.type(...START)
  const run = await started
  const socket = await stat(join(folder, 'server.sock'))
  expect(socket.isSocket()).toBe(true)
  expect(socket.mode & 0o777).toBe(0o600)
  await instance.finish(run.id, 'succeeded')
  await running
  await expect(stat(join(folder, 'server.sock'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a short command does not listen on the socket, because it would end with other people’s runs', async () => {
  const { first, instance } = await openTwo()
  const { listTasks } = instance.services
  let socket: unknown = null
  instance.services.listTasks = async (call) => {
    socket = await stat(join(folder, 'server.sock')).catch(() => null)
    return listTasks(call)
  }
  expect((await first.type('task')).code).toBe(0)
  expect(socket).toBe(null)
})

test('a finished process stays while it executes a run of another process', async () => {
  const { first, second, instance, lock } = await openTwo()
  const runs: Run[] = []
  instance.onQueued = (run) => void runs.push(run)
  const one = first.type(...START)
  await expect.poll(() => runs.length).toBe(1)
  const two = second.type(...START)
  await expect.poll(() => runs.length).toBe(2)
  await instance.finish(runs[0]!.id, 'succeeded')
  const order: string[] = []
  void one.then(() => order.push('one'))
  void two.then(() => order.push('two'))
  await sleep(300)
  expect(order).toEqual([])
  expect(lock.held).toBe(true)
  await instance.finish(runs[1]!.id, 'failed')
  expect((await two).code).toBe(1)
  expect((await one).stderr).toContain(
    `Waiting for 1 run of another terminal (${runs[1]!.id}). Press Ctrl-C to interrupt it.`,
  )
  expect((await one).code).toBe(0)
  expect(lock.held).toBe(false)
})

test('Ctrl-C cancels the own run, waits for the run of another terminal, and ends that one at the second Ctrl-C', async () => {
  const { first, second, instance } = await openTwo()
  const runs: Run[] = []
  instance.onQueued = (run) => void runs.push(run)
  const one = first.type(...START)
  await expect.poll(() => runs.length).toBe(1)
  const two = second.type(...START)
  await expect.poll(() => runs.length).toBe(2)
  const statusOf = async (index: number) => (await instance.store.runs.get(runs[index]!.id))?.status
  first.interrupt()
  await expect.poll(() => statusOf(0)).toBe('cancelled')
  expect((await second.type('runs')).stdout).toContain(runs[1]!.id.slice(-8)) // still answered by the first process
  expect(await statusOf(1)).not.toBe('cancelled')
  first.interrupt()
  const { code, stderr } = await one
  expect(code).toBe(130)
  expect(stderr).toContain(
    `Waiting for 1 run of another terminal (${runs[1]!.id}). Press Ctrl-C again to interrupt it.`,
  )
  expect(first.contexts.map(({ disposed }) => disposed)).toEqual([true])
  expect((await two).code).toBe(4)
})

test('a command that reaches a process just before that one leaves is answered by the next holder', async () => {
  const { first, instance, lock } = await openTwo()
  instance.onQueued = (run) => instance.finish(run.id, 'succeeded')
  for (const words of [['runs'], START]) {
    lock.held = true
    const leaving = await answerOnce(join(folder, 'server.sock'), () => (lock.held = false))
    expect(await first.type(...words)).toMatchObject({ code: 0 })
    leaving.close()
  }
})

test('replaces the socket of a dead process', async () => {
  const path = join(folder, 'server.sock')
  const { first, instance } = await openTwo()
  instance.onQueued = (run) => instance.finish(run.id, 'succeeded')
  for (const leave of [() => leaveDeadSocket(path), () => writeFile(path, '')]) {
    await leave()
    expect((await first.type('runs')).code).toBe(0)
    expect((await first.type(...START)).code).toBe(0)
  }
})

test('works in a data folder whose path is too long for a socket address', async () => {
  const deep = join(folder, ...Array.from({ length: 12 }, (_, index) => `a-rather-long-folder-name-${index}`))
  await makeDataFolder(deep)
  const { first, second, instance, started } = await openTwo(deep)
  const running = first.type(...START)
  const run = await started
  expect((await second.type('runs', '--json')).stdout).toContain(run.id)
  await instance.finish(run.id, 'succeeded')
  expect((await running).code).toBe(0)
})

test('waits for a data folder that another process holds for a moment', async () => {
  const { first, lock } = await openTwo()
  lock.held = true
  setTimeout(() => {
    lock.held = false
  }, 300)
  expect((await first.type('task')).code).toBe(0)
})

test('exits with 4, not with the end of the run, when the server breaks off while a run is followed', async () => {
  const server = await answerBadly(join(folder, 'server.sock'))
  const { code, stderr } = await (await openTwo()).second.type('trace', 'latest', '--follow')
  expect(code).toBe(4)
  expect(stderr).toMatch(/no longer answers|broke off/)
  server.close()
})

async function leaveDeadSocket(path: string): Promise<void> {
  await rm(path, { force: true })
  const server = createServer()
  server.listen(`${path}.tmp`)
  await once(server, 'listening')
  const { link } = await import('node:fs/promises')
  await link(`${path}.tmp`, path)
  server.close() // unlinks only the name that it was bound to
  await once(server, 'close')
}

/** A process that answers one request and then leaves. */
async function answerOnce(path: string, leave: () => void): Promise<Server> {
  await rm(path, { force: true })
  let requests = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => {
      requests++
      if (requests === 1) return void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
      socket.destroy()
      server.close(leave)
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return server
}

async function answerBadly(path: string): Promise<Server> {
  let requests = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      requests++
      if (requests === 1) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2000\r\nconnection: close\r\n\r\n{"run":')
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return server
}
