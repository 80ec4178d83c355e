// Random interleavings of recording, rollbacks and crashes: acknowledged events are kept, numbers have no gap, and the
// projections match the events.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../../src/domain/byte-text.ts'
import type { Event, LogEntry, NewEvent } from '../../src/domain/event.ts'
import type { Store } from '../../src/store/types.ts'
import { testFolder } from '../test-folder.ts'
import { anId, decided, files, modelAsked, modelCalled, requested, stage, started } from './sample-records.ts'
import { STORES } from './stores.ts'
import type { StoreKind } from './stores.ts'

const RUNS = 3

type Make = (runs: readonly string[]) => NewEvent

/** Executed in order; recording steps don't wait for each other, unless `wait` is between them. */
type Step =
  | { do: 'record' | 'commit' | 'roll back'; events: readonly Make[] }
  | { do: 'wait' | 'place' | 'crash' | 'rebuild' | 'turn' }

const runIndex = fc.nat(RUNS - 1)
const path = fc.constantFrom(...Array.from({ length: 90 }, (_, index) => `/p/${index}`))
const call = fc.constantFrom('c1', 'c2', 'c3')

const ofRun: fc.Arbitrary<(run: string) => NewEvent> = fc.oneof(
  fc.constant((run: string) => stage(run, 's')),
  fc.constant((run: string) => started(run)),
  fc.constant(requested),
  fc.boolean().map((allowed) => (run: string) => decided(run, allowed)),
  fc.tuple(fc.array(path, { maxLength: 80 }), fc.array(path)).map(
    ([read, written]) =>
      (run: string) =>
        files(run, read, written),
  ),
  fc.tuple(call, fc.nat(50)).map(
    ([name, tokens]) =>
      (run: string) =>
        modelAsked(run, `${run} ${name}`, tokens),
  ),
  fc.tuple(call, fc.nat(50)).map(
    ([name, tokens]) =>
      (run: string) =>
        modelCalled(run, `${run} ${name}`, tokens),
  ),
)

const eventOfRun = fc.tuple(ofRun, runIndex).map(
  ([event, index]): Make =>
    (runs) =>
      event(runs[index]!),
)
const make: fc.Arbitrary<Make> = fc.oneof(
  { weight: 6, arbitrary: eventOfRun },
  { weight: 1, arbitrary: fc.constant<Make>(() => stage(null, 'of the instance')) },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('record', 'record', 'commit', 'roll back'),
      events: fc.array(make, { maxLength: 6 }),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('wait', 'turn', 'place', 'crash', 'rebuild') }) as fc.Arbitrary<Step>,
  },
)

describe.each(STORES)('$name', (kind) => {
  test('keeps its guarantees in any interleaving', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using play = await Play.begin(kind)
        for (const one of steps) await play.do(one)
        await play.expectAll()
      }),
      { numRuns: 60 },
    )
  })
})

class Play implements AsyncDisposable {
  readonly #kind: StoreKind
  readonly #runs = Array.from({ length: RUNS }, () => anId())
  readonly #resources = new AsyncDisposableStack()
  #folder = ''
  #store!: Store
  #pending: Promise<unknown>[] = []
  /** Events that the store acknowledged; a crash must not lose them. */
  #acknowledged: Event[] = []
  /** Entries that readers of the log saw; they never change. */
  #seen: readonly LogEntry[] = []

  private constructor(kind: StoreKind) {
    this.#kind = kind
  }

  static async begin(kind: StoreKind): Promise<Play> {
    const play = new Play(kind)
    await play.#open(async () => {})
    return play
  }

  async do(step: Step): Promise<void> {
    if ('events' in step) {
      this.#record(step)
      return
    }
    switch (step.do) {
      case 'wait':
        await this.#settled()
        return
      case 'turn':
        await new Promise((later) => setTimeout(later, 1))
        return
      case 'place':
        await this.#store.log.settle()
        await this.#look()
        return
      case 'rebuild':
        await this.#store.rebuild()
        return
      case 'crash':
        await this.#crash()
    }
  }

  async expectAll(): Promise<void> {
    await this.#settled()
    await this.#store.log.settle()
    await this.#look()
    const entries = this.#seen
    expect(entries.map(({ position }) => position)).toEqual(entries.map((_, index) => index + 1))
    for (const run of [...this.#runs, null]) {
      const events = await this.#store.events.list({ run })
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
      expect(entries.map(({ event }) => event).filter((event) => event.run === run)).toEqual(events)
    }
    await this.#expectSums()
    await this.#store.rebuild()
    await this.#expectSums()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#settled()
    await this.#resources.disposeAsync()
  }

  #record(step: Extract<Step, { events: unknown }>): void {
    const events = step.events.map((one) => one(this.#runs))
    const store = this.#store
    const keep = (written: readonly Event[]) => {
      // Events acknowledged after the crash were not yet acknowledged when it happened.
      if (store === this.#store) this.#acknowledged.push(...written)
    }
    const working = {
      record: () => store.record(events).then(keep),
      commit: () => store.transact((tx) => tx.record(events)).then(keep),
      'roll back': () =>
        store
          .transact(async (tx) => {
            await tx.record(events)
            throw new Error('roll back')
          })
          .catch((error: Error) => expect(error.message).toBe('roll back')),
    }[step.do]()
    this.#pending.push(working)
  }

  async #settled(): Promise<void> {
    const pending = this.#pending.splice(0)
    await Promise.all(pending)
  }

  async #look(): Promise<void> {
    const entries = await this.#store.log.list({ limit: 100_000 })
    expect(entries.slice(0, this.#seen.length)).toEqual(this.#seen)
    this.#seen = entries
  }

  async #crash(): Promise<void> {
    const [from, acknowledged] = [this.#folder, this.#acknowledged.length]
    await this.#open((to) => this.#kind.crash(from, to))
    this.#acknowledged.length = acknowledged
    await this.#look()
    for (const event of this.#acknowledged) {
      const [found] = await this.#store.events.list({ run: event.run, after: event.seq - 1, limit: 1 })
      expect(found).toEqual(event)
    }
  }

  /** The store before the crash runs on until the end; its later writes are not visible here. */
  async #open(fill: (folder: string) => Promise<void>): Promise<void> {
    const folder = this.#resources.use(await testFolder())
    await fill(folder.path)
    this.#folder = folder.path
    this.#store = this.#resources.use(await this.#kind.open(folder.path))
  }

  async #expectSums(): Promise<void> {
    const usage = { tokens: 0, calls: 0 }
    for (const run of this.#runs) {
      const events = await this.#store.events.list({ run })
      expect(await this.#store.events.summary(run)).toEqual(summaryOf(events))
      const { tokens, calls } = usageOf(events)
      expect(await this.#store.usage.sum({ run }, 'USD', [])).toEqual({ tokens, calls, costMicros: tokens * 2 })
      usage.tokens += tokens
      usage.calls += calls
    }
    expect(await this.#store.usage.sum({}, 'USD', [])).toEqual({ ...usage, costMicros: usage.tokens * 2 })
  }
}

function summaryOf(events: readonly Event[]) {
  const ofKind = (kind: Event['kind']) => events.filter((event) => event.kind === kind).length
  const paths = (list: 'read' | 'written') =>
    new Set(
      events
        .flatMap((event) => (event.kind === 'file.accessed' ? event.body[list] : []))
        .map((one) => Buffer.from(bytesOf(one)).toString('hex')),
    ).size
  return {
    events: events.length,
    processes: ofKind('process.started'),
    filesRead: paths('read'),
    filesWritten: paths('written'),
    requests: ofKind('net.requested'),
    denied: events.filter((event) => event.kind === 'policy.decided' && !event.body.allowed).length,
  }
}

function usageOf(events: readonly Event[]) {
  const tokens = new Map<string, number>()
  for (const event of events) {
    if (event.kind === 'model.asked') tokens.set(event.body.call, event.body.reservedTokens)
    if (event.kind === 'model.called') tokens.set(event.body.call, event.body.countedTokens)
  }
  const taken = [...tokens.values()]
  return { tokens: taken.reduce((sum, one) => sum + one, 0), calls: taken.filter((one) => one > 0).length }
}
