// Test fixture: the git service of one run on a loopback port, with in-memory fakes of the record and the policies.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { NewEvent } from '../../src/domain/event.ts'
import { EVENT_BODIES } from '../../src/domain/event.ts'
import type { Mode } from '../../src/domain/events/fields.ts'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import type { PackLimits } from '../../src/git/incoming-pack.ts'
import { defaultBranch, resolveRef, updateMirror } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { createGitService } from '../../src/gateway/git/git-service.ts'
import type { GatewayService } from '../../src/gateway/types.ts'
import type { PolicyQuestion } from '../../src/policy/types.ts'
import type { ClientGit } from './client-git.ts'
import { createForge } from './forge-fixture.ts'
import type { ForgeFixture } from './forge-fixture.ts'

export const OWN_REF = `refs/heads/${PUSH_BRANCH}`

type Question = Omit<PolicyQuestion, 'principal'>

export interface Wall extends AsyncDisposable {
  fixture: ForgeFixture
  client: ClientGit
  quarantine: string
  base: string
  url: string
  port: number
  service: GatewayService
  events: NewEvent[]
  questions: Question[]
  /** Method and path of each request, and its body. */
  requests: { line: string; body: Buffer }[]
  /** Set to make recording fail, decisions deny, or deciding fail. */
  faults: { record: boolean; deny: boolean; decide: boolean }
  /** The last event of this kind. */
  last<K extends NewEvent['kind']>(kind: K): Extract<NewEvent, { kind: K }>['body']
}

export async function openWall(
  options: {
    mode?: Mode
    limits?: Partial<PackLimits>
    format?: 'sha1' | 'sha256'
    /** Changes the forge before it is mirrored. */
    before?: (fixture: ForgeFixture) => Promise<void>
  } = {},
): Promise<Wall> {
  const fixture = await createForge(options.format ? { format: options.format } : {})
  await options.before?.(fixture)
  const mirror = join(fixture.folder, 'mirror.git')
  await updateMirror(fixture.git, mirror, { address: fixture.forge, kind: 'local' })
  const branch = await defaultBranch(fixture.git, mirror)
  const base = await resolveRef(fixture.git, mirror, branch)
  const quarantine = join(fixture.folder, 'quarantine', 'run:1.git')
  await createQuarantine(fixture.git, { path: quarantine, mirror, branch, commit: base })
  const events: NewEvent[] = []
  const questions: Question[] = []
  const requests: Wall['requests'] = []
  const faults = { record: false, deny: false, decide: false }
  const service = createGitService({
    originUrl: 'https://git.glovebox.internal/storefront.git',
    quarantine,
    baseCommit: base,
    git: fixture.git,
    ...(options.limits ? { limits: options.limits } : {}),
    context: {
      run: {
        id: '0123456789abcdefghjk',
        actor: { id: 'run:0123456789abcdefghjk' },
        mode: options.mode ?? 'write',
        branch: PUSH_BRANCH,
        reach: [],
      },
      async authorise(question) {
        questions.push(question)
        if (faults.decide) throw new Error('the decision could not be recorded')
        return faults.deny ? { allowed: false, reasons: ['no-git'] } : { allowed: true, reasons: ['git-allowed'] }
      },
      recorder: {
        async record(given) {
          if (faults.record) throw new Error('the disk is full')
          for (const event of given) EVENT_BODIES[event.kind].parse(event.body)
          events.push(...given)
          return []
        },
      },
      get blobs(): never {
        throw new Error('not used')
      },
    },
  })
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    const seen = { line: `${request.method} ${request.url}`, body: Buffer.alloc(0) }
    requests.push(seen)
    request.on('end', () => (seen.body = Buffer.concat(chunks)))
    const body = Readable.from(tee(request, chunks))
    const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const url = new URL(request.url ?? '/', 'https://git.glovebox.internal')
    const abort = new AbortController()
    response.on('close', () => abort.abort())
    service.handle({ method: request.method ?? '', url, headers, body, signal: abort.signal }).then(
      (answer) => {
        response.writeHead(answer.status, answer.headers)
        if (answer.body instanceof Uint8Array) response.end(answer.body)
        else answer.body.on('error', () => response.destroy()).pipe(response)
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    fixture,
    client: fixture.client,
    quarantine,
    base,
    url: `http://127.0.0.1:${port}/storefront.git`,
    port,
    service,
    events,
    questions,
    requests,
    faults,
    last(kind) {
      const event = events.findLast((candidate) => candidate.kind === kind)
      if (event === undefined) throw new Error(`no ${kind} was recorded`)
      return event.body as never
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await fixture[Symbol.asyncDispose]()
    },
  }
}

async function* tee(source: AsyncIterable<Buffer>, chunks: Buffer[]): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    chunks.push(chunk)
    yield chunk
  }
}
