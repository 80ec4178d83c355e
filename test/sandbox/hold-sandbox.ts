// A Glovebox in a separate process, for tests that kill it: starts a sandbox, prints a line and waits to be killed.
// Arguments: the guest's script, then provider options as JSON (with `docker`: of the kind docker). When the sandbox
// ends, a second line names the limits that were hit.
import type { BubblewrapOptions } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import { createDocker } from '../../src/sandbox/docker/create-docker.ts'
import { openBench } from './boxes.ts'

const [script = 'sleep 60', options = '{}'] = process.argv.slice(2)
const { docker, ...rest } = JSON.parse(options) as { docker?: { socket: string; image: string } }
const make = docker && ((given: BubblewrapOptions) => createDocker({ ...given, ...docker }))
const bench = await openBench(script, rest, make)
const spec = await bench.spec()
const sandbox = await bench.provider.start(spec, new AbortController().signal)
console.log(
  JSON.stringify({
    folder: bench.folder,
    root: bench.root,
    run: spec.run,
    hostUid: sandbox.hostUid,
    limitsInForce: await sandbox.limitsInForce,
  }),
)
void sandbox.exited.then(async () => console.log(JSON.stringify(await sandbox.limitsHit())))
if (process.argv.includes('--destroy')) {
  await sandbox.destroy()
  await bench[Symbol.asyncDispose]()
  console.log('destroyed')
} else {
  setInterval(() => undefined, 1000)
}
