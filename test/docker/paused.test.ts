// `docker pause` freezes the whole sandbox, its recorder included.
import { expect, test } from 'vitest'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { openEngine } from '../../src/sandbox/docker/engine.ts'
import { watchContainer } from '../../src/sandbox/docker/watch-container.ts'
import { openBench as openMainJob } from '../main-job/glovebox.ts'
import { eventually, livingOf, openBench, workspaceFile } from '../sandbox/boxes.ts'
import { containersWith, ENGINE, theEngine } from './docker-bench.ts'
import { runAtWork } from './run-at-work.ts'

async function pause(label: string): Promise<void> {
  const { client } = await openEngine(theEngine().socket)
  for (const { id } of await containersWith(label)) await client.getContainer(id).pause()
}

test.runIf(ENGINE)('a run ends when its container is paused, and coverage says that the record was lost', async () => {
  const { socket, image } = theEngine()
  await using bench = await openMainJob()
  const ended = await runAtWork(bench, image, socket)
  const { stdout: listed } = await bench.glovebox('runs', 'show', 'latest', '--json')
  const label = `glovebox.run=${(JSON.parse(listed) as { run: { id: string } }).run.id}`
  await pause(label)
  const { code, stdout } = await ended.finished
  expect(code).toBe(4)
  const reason = 'the guest was frozen from outside the sandbox'
  const { run } = JSON.parse(stdout) as { run: { id: string; status: string; reason: string } }
  expect(run).toMatchObject({ status: 'error', reason: `the recorder was lost: ${reason}` })
  const [coverage] = await bench.events(run.id, 'coverage.reported')
  expect(coverage?.body).toMatchObject({ mechanism: 'lost', complete: false })
  expect(coverage?.body.blindSpots.join()).toContain(reason)
  expect(await containersWith(label)).toEqual([])
})

test.runIf(ENGINE)('a paused sandbox ends at once', async () => {
  const { socket, image } = theEngine()
  const script = 'echo up > done; sleep 600'
  await using bench = await openBench(script, {}, (given) => createDocker({ ...given, image, socket }))
  const spec = await bench.spec()
  const sandbox = await bench.start(spec)
  await workspaceFile(spec, 'done')
  await pause(`glovebox.run=${spec.run}`)
  expect(await sandbox.recorderStopped).toBe('the guest was frozen from outside the sandbox')
  await eventually(() => livingOf(sandbox.hostUid) === 0, 'the end of its processes')
  await sandbox.destroy()
})

test.runIf(ENGINE)("asks the engine when the container's cgroups are not visible", async () => {
  const { socket, image } = theEngine()
  const engine = await openEngine(socket)
  const container = await engine.client.createContainer({ Image: image, Cmd: ['/bin/sleep', '600'] })
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => container.remove({ force: true }))
  const { start, isPaused } = await watchContainer(engine, container.id, async () => undefined)
  await start()
  expect(await isPaused()).toBe(false)
  await container.pause()
  expect(await isPaused()).toBe(true)
  await container.unpause()
  expect(await isPaused()).toBe(false)
})
