// Messages to a person when the engine is missing or forbidden, or when the image is missing.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { openEngine } from '../../src/sandbox/docker/engine.ts'
import { findTool } from '../../src/sandbox/on-host/find-tool.ts'
import { openBench, TEST_UIDS } from '../sandbox/boxes.ts'
import { ENGINE, theEngine } from './docker-bench.ts'

async function startWith(options: { socket: string; image: string; runtime?: string }): Promise<unknown> {
  await using bench = await openBench('sleep 60', {}, (given) => createDocker({ ...given, ...options }))
  const spec = await bench.spec()
  const error = await bench.provider.start(spec, new AbortController().signal).catch((failure: unknown) => failure)
  expect(existsSync(spec.directory)).toBe(false)
  return error
}

describe('without an engine', () => {
  test('names a missing socket', async () => {
    expect(await startWith({ socket: '/nowhere/engine.sock', image: 'x' })).toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/no Docker engine answers at \/nowhere\/engine\.sock \(ENOENT\).*sandbox\.socket/),
    })
  })

  test('names a socket on which no program listens', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'glovebox-dead-socket-'))
    const path = join(folder, 'engine.sock')
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    expect(() => execFileSync(process.execPath, ['-e', script])).toThrow()
    expect(await startWith({ socket: path, image: 'x' })).toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await rm(folder, { recursive: true })
  })

  test('names a service that is not a Docker engine', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'glovebox-other-socket-'))
    const path = join(folder, 'engine.sock')
    const server = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\n{}'))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    expect(await startWith({ socket: path, image: 'x' })).toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringContaining('is not a Docker engine'),
    })
    server.close()
    await rm(folder, { recursive: true })
  })

  test('doctor names the engine and the cure, and other kinds of sandbox still work', async () => {
    const provider = createDocker({ guest: '/bin/true', socket: '/nowhere/engine.sock', image: 'x' })
    const [engine] = await provider.probe()
    expect(engine).toMatchObject({ name: 'docker engine', found: false, cure: expect.stringContaining('install') })
    expect(await provider.reap('/nowhere')).toEqual([])
  })
})

describe.runIf(ENGINE)('with an engine', () => {
  test('does not pull a missing image', async () => {
    expect(await startWith({ socket: theEngine().socket, image: 'docker.io/library/debian:12' })).toMatchObject({
      code: 'image-unusable',
      message: expect.stringMatching(/no image docker\.io\/library\/debian:12, and Glovebox never pulls images/),
    })
  })

  test('refuses an image with volumes, which would outlive the run', async () => {
    const { socket, image } = theEngine()
    const { client } = await openEngine(socket)
    const made = await client.createContainer({ Image: image, Cmd: ['x'] })
    await made.commit({ repo: 'glovebox-test-volumes', tag: 'x', changes: 'VOLUME /data' })
    await made.remove()
    const refused = await startWith({ socket, image: 'glovebox-test-volumes:x' })
    await client.getImage('glovebox-test-volumes:x').remove()
    expect(refused).toMatchObject({ code: 'image-unusable', message: expect.stringContaining('/data') })
  })

  test('doctor names a missing runtime', async () => {
    const provider = createDocker({ guest: '/bin/true', ...theEngine(), runtime: 'crun' })
    expect(await provider.probe()).toContainEqual(
      expect.objectContaining({
        name: 'docker runtime',
        found: false,
        detail: expect.stringContaining('no runtime crun'),
      }),
    )
    expect(await startWith({ ...theEngine(), runtime: 'crun' })).toMatchObject({ code: 'start-failed' })
  })

  test('doctor finds everything', async () => {
    const probes = await createDocker({ guest: '/bin/true', ...theEngine(), uids: TEST_UIDS }).probe()
    expect(probes.filter(({ found }) => !found)).toEqual([])
    expect(probes.find(({ name }) => name === 'docker image')?.detail).toMatch(/is sha256:[0-9a-f]{64}$/)
  })

  test('tells an account that it may not use the socket', async () => {
    const module = new URL('../../src/sandbox/docker/create-docker.ts', import.meta.url).href
    const options = JSON.stringify({ guest: '/bin/true', ...theEngine() })
    const input = `import { createDocker } from '${module}'\nconsole.log(JSON.stringify(await createDocker(${options}).probe()))`
    const identity = ['--reuid=825003', '--regid=825003', '--clear-groups', '--']
    const node = [process.execPath, '--input-type=module', '-']
    const text = execFileSync(findTool('setpriv')!, [...identity, ...node], { input, cwd: '/' })
    const [engine] = JSON.parse(String(text)) as [{ found: boolean; detail: string; cure: string }]
    expect(engine.found).toBe(false)
    expect(engine.detail).toContain('this account may not use the Docker engine')
    expect(engine.cure).toContain('group')
  })
})
