// `runtime: runsc` without gVisor itself: the tests' engine runs runc under its name. The test shows Glovebox's
// behaviour for that runtime: it asks the guest for no record, and says so.
import { expect, test } from 'vitest'
import type { Event } from '../../src/domain/event.ts'
import { makeRepository, openBench } from '../main-job/glovebox.ts'
import { sandboxSection } from '../sandbox-kinds.ts'
import { ENGINE, theEngine } from './docker-bench.ts'
import { makeDataFolder } from '../data-folder.ts'

test.runIf(ENGINE)('a run under gVisor works, and its coverage names what is not recorded', async () => {
  const { socket, image } = theEngine()
  await using bench = await openBench()
  const configuration = `image: ${image}\nsocket: ${socket}\nruntime: runsc\n`
  await makeDataFolder(bench.data, sandboxSection({ kind: 'docker', configuration }))
  const repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
  const argv = ['run', '--sandbox', 'docker', '--repo', repository, '--mode', 'write', '--json']
  const ended = await bench.glovebox(...argv, '--', 'sh', '-c', 'echo more >> README.md')
  expect(ended.code, ended.stderr).toBe(0)
  const { run, change } = JSON.parse(ended.stdout) as { run: { id: string }; change: { files: number } }
  expect(change.files).toBe(1)
  const events = (await bench.glovebox('trace', run.id, '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
  expect(events.filter(({ source }) => source === 'kernel')).toEqual([])
  expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['step.finished', 'git.fetched', 'git.pushed']))
  const [coverage] = events.filter((event) => event.kind === 'coverage.reported')
  expect(coverage?.body).toMatchObject({
    mechanism: 'none',
    complete: false,
    blindSpots: [expect.stringMatching(/^gVisor .* has no seccomp user notification: no process, file or connect/)],
  })
})
