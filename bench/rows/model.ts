// A streamed answer of a model through the wall (guest, proxy, policy, budget, key, blobs, record) against a plain fetch.
// The provider is ours and on this machine: nothing hides behind the time that a network, or a model, takes.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { ModelConnection } from '../../src/domain/connections/model-connection.ts'
import type { Secret } from '../../src/credentials/types.ts'
import { openModels } from '../../src/gateway/model/open-models.ts'
import { createNpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { GATEWAY_PORT } from '../../src/gateway/types.ts'
import { BenchError } from '../bench-error.ts'
import { openBox, prepareGround } from '../box.ts'
import { runOnHost } from '../host-command.ts'
import { differences, measurePairs, ratios } from '../pairs.ts'
import type { RowGroup } from '../row.ts'
import type { Workbench } from '../workbench.ts'

/** More in a second than any model says. */
const PACE = { events: 4000, perSecond: 2000 }
const FLOOD = { events: 40_000, perSecond: Infinity }
/** Most of them after both Nodes are warm: a gateway runs for weeks, and asks of an agent come one after the other. */
const FIRST_BYTES = 200

/**
 * Times itself, so that the start of Node is on neither side. Prints the median of the times until the first byte, and
 * the time that one long stream takes.
 */
const ASK = `
  const [url, streams, kind] = process.argv.slice(1)
  const ask = async () => {
    const start = performance.now()
    const body = JSON.stringify({ model: 'bench', max_tokens: 1000, stream: true, messages: [{ role: 'user', content: kind + ' '.repeat(20000) }] })
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    let [bytes, first] = [0, 0]
    for await (const chunk of answer.body) { first ||= performance.now() - start; bytes += chunk.length }
    return { status: answer.status, bytes, first, ms: performance.now() - start }
  }
  const asked = []
  for (let count = 0; count < Number(streams); count++) asked.push(await ask())
  const firsts = asked.slice(1).map(({ first }) => first).sort((a, b) => a - b)
  console.log(JSON.stringify({ ...asked.at(-1), first: firsts[firsts.length >> 1] ?? asked[0].first }))
`

interface Told {
  status: number
  bytes: number
  first: number
  ms: number
}

export const MODEL: RowGroup = {
  rows: [
    {
      name: 'model/first-byte-ms',
      unit: 'ms',
      meaning: 'first byte of a streamed answer to a request of 20 KB; through the gateway - direct',
    },
    {
      name: 'model/throughput',
      unit: 'ratio',
      meaning: `${PACE.events} events at ${PACE.perSecond} a second; bytes a second through the gateway : direct`,
    },
    {
      name: 'model/flood',
      unit: 'ratio',
      meaning: `${FLOOD.events} events as fast as they go; bytes a second through the gateway : direct`,
    },
  ],
  async measure(bench, pairs) {
    await using resources = new AsyncDisposableStack()
    const provider = resources.use(await startProvider())
    const box = await openModelBox(bench, provider.url, resources)
    const inside = `http://127.0.0.1:${GATEWAY_PORT}/models/bench/v1/messages`
    const argv = (url: string, kind: string, streams: number) =>
      ['node', '--input-type=module', '--eval', ASK, url, String(streams), kind] as const
    const sides = (kind: string, streams: number, value: (told: Told) => number) => ({
      measured: async () => value(read(await box.output({ argv: argv(inside, kind, streams) }))),
      baseline: async () => {
        const command = argv(`${provider.url}/v1/messages`, kind, streams)
        const env = { PATH: bench.hostPath }
        return value(read((await runOnHost({ argv: command, cwd: bench.folder, env, signal: bench.signal })).stdout))
      },
    })
    const rate = ({ bytes, ms }: Told): number => bytes / ms
    const first = await measurePairs(
      pairs,
      sides('short', FIRST_BYTES, (told) => told.first),
      bench.signal,
    )
    const paced = await measurePairs(pairs, sides('paced', 1, rate), bench.signal)
    const flood = await measurePairs(pairs, sides('flood', 1, rate), bench.signal)
    return [differences(first), ratios(paced), ratios(flood)]
  },
}

function read(text: string): Told {
  const told = JSON.parse(text) as Told
  if (told.status !== 200 || told.bytes === 0) throw new BenchError('failed', `the model was answered ${text}`)
  return told
}

async function openModelBox(bench: Workbench, url: string, resources: AsyncDisposableStack) {
  const key: Secret = { reveal: () => 'sk-bench-0123456789abcdef0123456789abcdef', toString: String, toJSON: String }
  const secrets = { read: async () => key, known: async () => [key] }
  const models = resources.use(openModels({ secrets, usage: bench.store.usage, now: () => Date.now() }))
  const connections = [
    ModelConnection.parse({ kind: 'model', name: 'bench', provider: 'anthropic', url, models: ['bench'] }),
  ]
  const budgets = { total: { tokens: Number.MAX_SAFE_INTEGER } }
  const npm = resources.use(createNpmUpstream(await bench.npm()))
  return openBox(
    bench,
    await prepareGround(bench, npm, resources, (run) => models.forRun({ run, task: 'bench', connections, budgets })),
    [],
    resources,
  )
}

async function startProvider(): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const pace = text.includes('"paced') ? PACE : text.includes('"flood') ? FLOOD : { events: 1, perSecond: Infinity }
    await stream(response, pace)
    response.end('event: message_stop\ndata: {"type":"message_stop"}\n\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const EVENT =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}\n\n'

/** Each event is a write of its own; a paced stream keeps to its pace whatever a timer does. */
async function stream(response: ServerResponse, { events, perSecond }: typeof PACE): Promise<void> {
  const start = performance.now()
  for (let sent = 0; sent < events;) {
    const due = perSecond === Infinity ? events : Math.ceil(((performance.now() - start) / 1000) * perSecond)
    for (; sent < Math.min(due, events); sent += 1) {
      if (!response.write(EVENT)) await new Promise((drained) => response.once('drain', drained))
    }
    if (sent < events) await setTimeout(1)
  }
}
