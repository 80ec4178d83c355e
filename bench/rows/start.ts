// Time until the first output of a command in a sandbox.
import { createNpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import type { NpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { closeTestEngine, openTestEngine } from '../../test/docker/engine.ts'
import { BenchError } from '../bench-error.ts'
import { openBox, prepareGround } from '../box.ts'
import { runOnHost } from '../host-command.ts'
import { differences, measurePairs, ratios } from '../pairs.ts'
import type { RowGroup } from '../row.ts'
import type { Workbench } from '../workbench.ts'
import { GUEST } from '../workbench.ts'

const ECHO = ['/bin/echo', 'ready'] as const

/** Executions per pair: they are short, so more of them cost little. */
const GOES_PER_PAIR = 3

export const START: RowGroup = {
  rows: [
    {
      name: 'start/bubblewrap',
      unit: 'ratio',
      meaning: 'new sandbox, guest, self-test, first byte of echo : first byte of a bare echo',
    },
    { name: 'start/bubblewrap-ms', unit: 'ms', meaning: 'the same, what it takes more than the bare echo' },
  ],
  async measure(bench, pairs) {
    await using resources = new AsyncDisposableStack()
    const npm = resources.use(createNpmUpstream(await bench.npm()))
    const sides = { measured: () => newBox(bench, npm), baseline: () => bareEcho(bench) }
    const measured = await measurePairs(pairs * GOES_PER_PAIR, sides, bench.signal)
    return [ratios(measured), differences(measured)]
  },
}

export const START_DOCKER: RowGroup = {
  rows: [
    {
      name: 'start/docker',
      unit: 'ratio',
      meaning: 'new container, guest, self-test, first byte of echo : first byte of a bare echo',
    },
    { name: 'start/docker-ms', unit: 'ms', meaning: 'the same, what it takes more than the bare echo' },
  ],
  async measure(bench, pairs) {
    await using resources = new AsyncDisposableStack()
    resources.defer(closeTestEngine)
    const engine = await openTestEngine()
    if (typeof engine === 'string') throw new BenchError('unavailable', engine)
    const docker = { ...bench, provider: createDocker({ guest: GUEST, ...engine }) }
    const npm = resources.use(createNpmUpstream(await bench.npm()))
    const sides = { measured: () => newBox(docker, npm), baseline: () => bareEcho(bench) }
    const measured = await measurePairs(pairs * GOES_PER_PAIR, sides, bench.signal)
    return [ratios(measured), differences(measured)]
  },
}

export const STEP: RowGroup = {
  rows: [
    {
      name: 'start/step',
      unit: 'ratio',
      meaning: 'first byte of a recorded echo in a sandbox that is open : of a bare echo',
    },
    { name: 'start/step-ms', unit: 'ms', meaning: 'the same, what it takes more than the bare echo' },
  ],
  async measure(bench, pairs) {
    await using resources = new AsyncDisposableStack()
    const npm = resources.use(createNpmUpstream(await bench.npm()))
    const box = await openBox(bench, await prepareGround(bench, npm, resources), [], resources)
    const sides = { measured: () => box.untilFirstByte({ argv: ECHO }), baseline: () => bareEcho(bench) }
    const measured = await measurePairs(pairs * GOES_PER_PAIR, sides, bench.signal)
    return [ratios(measured), differences(measured)]
  },
}

/** Starts a sandbox. The gateway is already open, because a run opens it while the repository is fetched. */
async function newBox(bench: Workbench, npm: NpmUpstream): Promise<number> {
  await using resources = new AsyncDisposableStack()
  const ground = await prepareGround(bench, npm, resources)
  const start = performance.now()
  const box = await openBox(bench, ground, [], resources)
  const opened = performance.now() - start
  return opened + (await box.untilFirstByte({ argv: ECHO }))
}

async function bareEcho(bench: Workbench): Promise<number> {
  const { firstByteMs } = await runOnHost({
    argv: ECHO,
    cwd: bench.folder,
    env: { PATH: bench.hostPath },
    signal: bench.signal,
  })
  return firstByteMs
}
