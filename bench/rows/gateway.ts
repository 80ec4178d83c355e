// Download of a package's tarball through the gateway (guest, proxy, TLS on both sides, policy, blob, record), compared
// with a plain fetch. The registry runs on this machine, so that no network time hides the costs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createNpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { BenchError } from '../bench-error.ts'
import { openBox, prepareGround } from '../box.ts'
import { runOnHost } from '../host-command.ts'
import { measurePairs, ratios } from '../pairs.ts'
import type { RowGroup } from '../row.ts'

const MIB = 1024 ** 2
const BYTES = 32 * MIB

/** Script that measures its own time, so that the start of Node counts on neither side. */
const DOWNLOAD = `
  const start = performance.now()
  const answer = await fetch(process.argv[1])
  let bytes = 0
  for await (const chunk of answer.body) bytes += chunk.length
  console.log(JSON.stringify({ status: answer.status, bytes, ms: performance.now() - start }))
`

export const GATEWAY: RowGroup = {
  rows: [
    {
      name: 'gateway/download',
      unit: 'ratio',
      meaning: `${BYTES / MIB} MiB from a registry on this machine; through the gateway : direct`,
    },
  ],
  async measure(bench, pairs) {
    await using resources = new AsyncDisposableStack()
    const registry = resources.use(await startRegistry())
    const settings = {
      scopes: new Map(),
      strictSsl: true,
      httpProxy: null,
      httpsProxy: null,
      noProxy: [],
      credentials: new Map(),
    }
    const npm = resources.use(createNpmUpstream({ ...settings, registry: registry.url, ca: [registry.certificate] }))
    const box = await openBox(bench, await prepareGround(bench, npm, resources), [], resources)
    const certificates = join(bench.folder, 'registry.pem')
    await writeFile(certificates, registry.certificate)

    const argv = [
      'node',
      '--input-type=module',
      '--eval',
      DOWNLOAD,
      new URL('file/-/file-1.0.0.tgz', registry.url).href,
    ] as const
    // The registry is on the host's loopback, not on the sandbox's own.
    const inside = { no_proxy: 'nowhere.invalid', NO_PROXY: 'nowhere.invalid' }
    const outside = { PATH: bench.hostPath, NODE_EXTRA_CA_CERTS: certificates }
    const sides = {
      measured: async () => elapsed(await box.output({ argv, env: inside })),
      baseline: async () =>
        elapsed((await runOnHost({ argv, cwd: bench.folder, env: outside, signal: bench.signal })).stdout),
    }
    return [ratios(await measurePairs(pairs, sides, bench.signal))]
  },
}

function elapsed(text: string): number {
  const { status, bytes, ms } = JSON.parse(text) as { status: number; bytes: number; ms: number }
  if (status !== 200 || bytes !== BYTES)
    throw new BenchError('failed', `the download got status ${status} with ${bytes} bytes`)
  return ms
}

async function startRegistry(): Promise<AsyncDisposable & { url: URL; certificate: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../registry.ts'), String(BYTES)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line') as Promise<[string]>,
    ended.then(() => Promise.reject(new BenchError('failed', 'the registry did not start'))),
  ])
  const { port, certificate } = JSON.parse(line) as { port: number; certificate: string }
  return {
    url: new URL(`https://localhost:${port}/`),
    certificate,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}
