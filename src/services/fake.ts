// Services in memory, for tests of what stands before them: server, client, command line. A run of the fake has the
// events that the test gives it; nothing executes.
import type { ChangeDetail, Probe, RunDetail, StartRun } from '../contract/resources.ts'
import type { Actor } from '../domain/actor.ts'
import { type Ask, canAnswer } from '../domain/ask.ts'
import type { Change } from '../domain/change.ts'
import type { Event, NewEvent } from '../domain/event.ts'
import type { Run } from '../domain/run.ts'
import { saidDid, shortened } from '../domain/said-did/said-did.ts'
import { evaluateGate, gateIsOpen } from '../domain/gate.ts'
import { type FakeCredentials, fakeCredentials } from './credentials/fake-credentials.ts'
import { type Context, type Download, ServiceError, type Services } from './types.ts'

export interface FakeServices extends Services, FakeCredentials {
  readonly asked: { actor: Actor; method: string }[]
  /** Adds an event and wakes who follows. */
  emit(run: string, kind: NewEvent['kind'], body: NewEvent['body']): void
  finish(run: string, status: Run['status']): void
  addRun(run: Partial<Run> & { id: string }): Run
  addChange(change: Change, diff: string): void
  addAsk(ask: Partial<Ask> & { id: string; run: string }): Ask
  outputs: Map<string, Uint8Array>
  artifacts: Map<string, Uint8Array>
  advisories: RunDetail['advisories']
  probes: Probe[]
  onStart: (run: Run, request: StartRun) => void
}

const DIGEST = `sha256:${'0'.repeat(64)}`
const TIME = Date.UTC(2026, 0, 2, 3, 4, 5)

export function createFakeServices(): FakeServices {
  const runs: Run[] = []
  const changes: Change[] = []
  const asks: Ask[] = []
  const diffs = new Map<string, string>()
  const events = new Map<string, Event[]>()
  const waiting = new Set<() => void>()
  const asked: FakeServices['asked'] = []

  function ask(actor: Actor, method: string): void {
    asked.push({ actor, method })
    if (actor.id === 'user:nobody')
      throw new ServiceError('refused', 'Policy denies it', { details: ['denied by fake-policy'] })
  }

  function find<T extends { id: string }>(list: readonly T[], id: string): T {
    const found = list.find((one) => one.id === id)
    if (!found) throw new ServiceError('not-found', `There is no ${id}`)
    return found
  }

  function detailOf(change: Change): ChangeDetail {
    const run = runs.find((one) => one.id === change.run)
    const gate = evaluateGate({ change, runStatus: run?.status ?? 'error', quarantineCommit: change.commit })
    return { change, gate, runStatus: run?.status ?? 'error', advisories: fake.advisories }
  }

  function decide(actor: Actor, id: string, decision: 'approved' | 'rejected', reason: string | null): ChangeDetail {
    const change = find(changes, id)
    change.decisions.push({ actor, decision, commit: change.commit, reason, policies: ['fake-policy'], time: TIME })
    change.status = decision
    return detailOf(change)
  }

  async function* follow(
    id: string,
    after: number,
    kinds: readonly string[] | undefined,
    live: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Event> {
    find(runs, id)
    for (let next = after; !signal.aborted;) {
      const event = events.get(id)?.find((one) => one.seq > next)
      if (event) {
        next = event.seq
        if (kinds === undefined || kinds.includes(event.kind)) yield event
        if (live && event.kind === 'run.finished') return
      } else if (!live) return
      else
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
    }
  }

  const fake: FakeServices = {
    ...fakeCredentials(ask),
    asked,
    outputs: new Map(),
    artifacts: new Map(),
    advisories: null,
    probes: [],
    onStart: () => {},

    addRun(fields) {
      const run: Run = {
        task: 'fix-vulnerabilities',
        taskSource: 'built-in',
        repository: '/repos/storefront',
        ref: null,
        commit: 'a'.repeat(40),
        mode: 'write',
        inputs: {},
        sandbox: 'bubblewrap',
        requester: { id: 'user:alice' },
        status: 'running',
        reason: null,
        createdAt: TIME,
        startedAt: TIME,
        finishedAt: null,
        trigger: 'manual',
        plan: null,
        attempt: 1,
        priority: 0,
        ...fields,
      }
      runs.unshift(run)
      events.set(run.id, [])
      return run
    },
    addChange(change, diff) {
      changes.unshift(change)
      diffs.set(change.id, diff)
    },
    addAsk(fields) {
      const ask: Ask = {
        step: 1,
        agent: 'claude-code',
        call: 'call-1',
        title: 'Run the tests',
        tool: 'execute',
        command: 'npm test',
        paths: [],
        options: [],
        status: 'open',
        openedAt: TIME,
        deadline: TIME + 600_000,
        decidedAt: null,
        decidedBy: null,
        note: null,
        ...fields,
      }
      asks.unshift(ask)
      return ask
    },
    emit(run, kind, body) {
      const list = events.get(run) ?? []
      const seq = list.length + 1
      list.push({
        id: `0000000000000000000${seq % 10}`,
        run,
        seq,
        time: TIME + seq,
        source: 'platform',
        actor: { id: 'system:runner' },
        kind,
        body,
      } as unknown as Event)
      for (const wake of waiting) wake()
      waiting.clear()
    },
    finish(id, status) {
      const run = find(runs, id)
      Object.assign(run, { status, finishedAt: TIME + 1500 })
      fake.emit(id, 'run.finished', { status, reason: run.reason, wallMs: 1500 })
    },

    async startRun(actor, request) {
      ask(actor, 'startRun')
      const id = `0000000000000000${String(runs.length).padStart(4, '0')}`
      const task = request.work.kind === 'task' ? request.work.name : 'command'
      const run = fake.addRun({ id, task, repository: request.repository, requester: actor, status: 'queued' })
      fake.emit(id, 'run.requested', { task, repository: run.repository, ref: run.ref, mode: run.mode, inputs: {} })
      setImmediate(() => fake.onStart(run, request))
      return { ...run }
    },
    async listRuns(actor, filter) {
      ask(actor, 'listRuns')
      return runs
        .filter(
          (run) =>
            run.id.startsWith(filter.prefix ?? '') &&
            (filter.status === undefined || filter.status.includes(run.status)),
        )
        .slice(0, filter.limit)
    },
    async getRun(actor, id) {
      ask(actor, 'getRun')
      const run = find(runs, id)
      const change = changes.find((one) => one.run === id)
      const artifacts = [...fake.artifacts].map(([name, bytes]) => ({ name, digest: DIGEST, bytes: bytes.length }))
      const trace = {
        events: events.get(id)?.length ?? 0,
        processes: 3,
        filesRead: 20,
        filesWritten: 4,
        requests: 5,
        denied: 1,
      }
      return { run, trace, change: change ? detailOf(change) : null, advisories: fake.advisories, artifacts }
    },
    async cancelRun(actor, id) {
      ask(actor, 'cancelRun')
      const run = find(runs, id)
      if (run.finishedAt !== null) throw new ServiceError('wrong-state', `Run ${id} has finished`)
      setImmediate(() => fake.finish(id, 'cancelled'))
      return run
    },
    async *readEvents(actor, id, filter, signal) {
      ask(actor, 'readEvents')
      yield* follow(id, filter.after ?? 0, filter.kinds, filter.follow, signal)
    },
    async readSaidDid(actor, id, limit) {
      ask(actor, 'readSaidDid')
      find(runs, id)
      return shortened(saidDid(events.get(id) ?? [], { folder: '/workspace/repo', work: ['/workspace'] }), limit)
    },
    async readOutput(actor, id, step, stream) {
      ask(actor, 'readOutput')
      return download(`${step}.${stream}`, fake.outputs.get(`${id} ${step} ${stream}`))
    },
    async readArtifact(actor, _, name) {
      ask(actor, 'readArtifact')
      return download(name, fake.artifacts.get(name))
    },

    async listChanges(actor, filter) {
      ask(actor, 'listChanges')
      return changes.filter((change) => change.id.startsWith(filter.prefix ?? '')).slice(0, filter.limit)
    },
    async getChange(actor, id) {
      ask(actor, 'getChange')
      return detailOf(find(changes, id))
    },
    async readDiff(actor, id) {
      ask(actor, 'readDiff')
      return download('change.diff', new TextEncoder().encode(diffs.get(id)))
    },
    async approveChange(actor, id, reason) {
      ask(actor, 'approveChange')
      return decide(actor, id, 'approved', reason)
    },
    async rejectChange(actor, id, reason) {
      ask(actor, 'rejectChange')
      return decide(actor, id, 'rejected', reason)
    },
    async publishChange(actor, id) {
      ask(actor, 'publishChange')
      const change = find(changes, id)
      if (!gateIsOpen(detailOf(change).gate)) throw new ServiceError('gate-closed', 'The gate is closed')
      change.published = true
      return detailOf(change)
    },
    async mergeChange(actor, id) {
      ask(actor, 'mergeChange')
      const detail = detailOf(find(changes, id))
      const unmet = detail.gate.filter((condition) => !condition.met)
      if (!gateIsOpen(detail.gate))
        throw new ServiceError('gate-closed', 'The gate is closed', {
          details: unmet.map((one) => `${one.name}: ${one.detail}`),
        })
      Object.assign(detail.change, { status: 'merged', mergeCommit: 'c'.repeat(40) })
      return detail
    },

    async listAsks(actor, { prefix = '', status, run, limit }) {
      ask(actor, 'listAsks')
      return asks
        .filter((one) => one.id.startsWith(prefix) && (status?.includes(one.status) ?? true))
        .filter((one) => run === undefined || one.run === run)
        .slice(0, limit)
    },
    async answerAsk(actor, id, answer, reason) {
      ask(actor, 'answerAsk')
      const found = find(asks, id)
      if (!canAnswer(found, TIME)) throw new ServiceError('wrong-state', `ask ${id} is ${found.status} already`)
      return Object.assign(found, { status: answer, decidedAt: TIME, decidedBy: actor, note: reason })
    },

    async listTasks(actor) {
      ask(actor, 'listTasks')
      return [TASK]
    },
    async getTask(actor, name) {
      ask(actor, 'getTask')
      if (name !== TASK.name) throw new ServiceError('not-found', `There is no task "${name}"`)
      return { ...TASK, text: 'name: fix-vulnerabilities\n' }
    },
    async checkTask(actor, file) {
      ask(actor, 'checkTask')
      return checkSource(file.text)
    },
    async listPolicies(actor) {
      ask(actor, 'listPolicies')
      return {
        digest: DIGEST,
        policies: [
          {
            id: 'people',
            file: 'people.cedar',
            enabled: true,
            description: 'People may start runs',
            text: 'permit(…);',
          },
        ],
      }
    },
    async checkPolicy(actor, file) {
      ask(actor, 'checkPolicy')
      return checkSource(file.text)
    },
    async examine(actor) {
      ask(actor, 'examine')
      return { healthy: fake.probes.every((probe) => probe.found), probes: fake.probes }
    },
    async instance(actor) {
      ask(actor, 'instance')
      return { version: '0.0.0', dataFolder: '/data', pid: process.pid, sandboxes: ['bubblewrap'] }
    },
  }
  return fake
}

/** A context around services; `disposed` tells whether it was let go. */
export function fakeContext(services: Services, dataFolder: string): Context & { disposed: boolean } {
  return {
    services,
    dataFolder,
    disposed: false,
    async [Symbol.asyncDispose]() {
      this.disposed = true
    },
  }
}

const TASK = {
  name: 'fix-vulnerabilities',
  description: 'Repairs known vulnerabilities',
  mode: 'write' as const,
  source: 'built-in' as const,
  inputs: {},
  reach: ['npm'],
  steps: ['audit', 'fix', 'test'],
}

function checkSource(text: string) {
  const bad = text.includes('bad')
  return { valid: !bad, problems: bad ? [{ line: 1, column: 2, message: 'unknown key `bad`', cure: 'remove it' }] : [] }
}

function download(name: string, bytes: Uint8Array | undefined): Download {
  if (bytes === undefined) throw new ServiceError('not-found', `There is no ${name}`)
  return { name, length: bytes.length, bytes: chunks(bytes) }
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}
