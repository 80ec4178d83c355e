// The engine goes away during a run: no process may go on that Glovebox could not end.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { openBench as openMainJob } from '../main-job/glovebox.ts'
import { eventually, livingOf, openBench, workspaceFile } from '../sandbox/boxes.ts'
import { containersWith, ENGINE, theEngine } from './docker-bench.ts'
import { openEngineSocket } from './engine-socket.ts'
import { runAtWork } from './run-at-work.ts'

test.runIf(ENGINE)('the sandbox ends at once, and its container is removed when the engine is back', async () => {
  const { socket, image } = theEngine()
  await using front = await openEngineSocket(socket)
  const script = 'setsid sleep 60 & echo up > done; sleep 60'
  await using bench = await openBench(script, {}, (given) => createDocker({ ...given, image, socket: front.path }))
  const spec = await bench.spec()
  const sandbox = await bench.start(spec)
  await workspaceFile(spec, 'done')
  expect(sandbox.broken()).toBeNull()
  await front.goAway()
  expect((await sandbox.exited).stderr).toContain('went away')
  expect(sandbox.broken()).toContain(front.path)
  await eventually(() => livingOf(sandbox.hostUid) === 0, 'the end of its processes')
  await sandbox.destroy()
  expect(existsSync(spec.directory)).toBe(false)
  await expect(bench.start()).rejects.toMatchObject({ code: 'engine-unavailable' })

  expect(await containersWith(`glovebox.run=${spec.run}`)).toHaveLength(1)
  await front.comeBack()
  await bench.start()
  expect(await containersWith(`glovebox.run=${spec.run}`)).toEqual([])
})

test.runIf(ENGINE)('the run ends with the reason, and coverage says that the record was lost', async () => {
  const { socket, image } = theEngine()
  await using front = await openEngineSocket(socket)
  await using bench = await openMainJob()
  const ended = await runAtWork(bench, image, front.path)
  await front.goAway()
  const { code, stdout } = await ended.finished
  expect(code).toBe(4)
  const { run } = JSON.parse(stdout) as { run: { id: string; status: string; reason: string } }
  expect(run).toMatchObject({ status: 'error', reason: expect.stringMatching(/Docker engine at .* went away/) })
  const [coverage] = await bench.events(run.id, 'coverage.reported')
  expect(coverage?.body).toMatchObject({ mechanism: 'lost', complete: false })
})
