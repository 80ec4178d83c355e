// The fuzzing loop: mutates an interesting input, runs it, and keeps the mutation if it reaches new code.
import { type Target, Violation } from '../target.ts'
import type { Coverage } from './coverage.ts'
import { type Material, mutate } from './mutate.ts'
import { type Random, randomFrom } from './random.ts'

export interface Explored {
  executions: number
  kept: number
  /** Number of inputs that the target accepted. */
  taken: number
  witnessed: number
  slowestMs: number
}

/** Error with the input that violated a property or crashed the target. */
export class Finding extends Error {
  readonly input: Uint8Array
  constructor(input: Uint8Array, cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause })
    this.name = 'Finding'
    this.input = input
  }
}

export interface Exploration {
  /** null: only new return values of the target count as new. */
  coverage: Coverage | null
  seed: number
  /** Called between batches; false stops. */
  goesOn(executions: number): boolean
  /** Called with each input before it runs, so that a supervisor can name an input that never ends. */
  begin?(input: Uint8Array): void
  /** Most processor time of one execution, in milliseconds; null if other work shares the thread. */
  mostMs: number | null
  /** Number of accepted inputs for the real program, and number of executions between. */
  witness: { inputs: number; every: number }
}

/** Executions per batch: reading V8's counts takes as long as some hundred executions. */
const BATCH = 512

/** Explores a target. Rejects with a Finding. */
export async function explore(target: Target, options: Exploration): Promise<Explored> {
  const found: Explored = { executions: 0, kept: 0, taken: 0, witnessed: 0, slowestMs: 0 }
  const random = randomFrom(options.seed)
  const corpus: Buffer[] = []
  const ways = new Set<string>()
  const material: Material = {
    corpus,
    dictionary: target.dictionary.map((word) => Buffer.from(word)),
    json: target.json ?? false,
    maxBytes: target.maxBytes ?? 4096,
  }
  let waiting: Buffer[] = []

  async function run(input: Buffer): Promise<boolean> {
    options.begin?.(input)
    found.executions++
    const start = options.mostMs === null ? null : process.threadCpuUsage()
    try {
      const going = target.run(input)
      const way = typeof going === 'string' ? going : await going
      if (start !== null) checkTime(start)
      const taken = way.startsWith('taken')
      if (taken) found.taken++
      const isNew = !ways.has(way)
      ways.add(way)
      if (taken && (waiting.length < options.witness.inputs || isNew)) waiting.push(input)
      return isNew
    } catch (error) {
      throw new Finding(error instanceof Violation ? (error.input ?? input) : input, error)
    }
  }

  function checkTime(start: NodeJS.CpuUsage): void {
    const ms = process.threadCpuUsage(start).user / 1000
    found.slowestMs = Math.max(found.slowestMs, ms)
    if (ms > (options.mostMs ?? ms)) throw new Violation(`it took ${Math.round(ms)} ms of processor time`)
  }

  async function batch(inputs: readonly Buffer[], keepAll: boolean): Promise<void> {
    const kept = new Set<Buffer>()
    for (const input of inputs) if ((await run(input)) || keepAll) kept.add(input)
    if (options.coverage?.grew() && !keepAll) for (const input of await blame(inputs, options.coverage)) kept.add(input)
    corpus.push(...kept)
    if (!keepAll) found.kept += kept.size
  }

  /**
   * Finds the inputs of a batch that reached new code. The coverage is known only for the whole batch. So each input
   * runs again, and an input is kept if it reaches code that no earlier input of this round did. This keeps a few
   * inputs too many, but never misses one.
   */
  async function blame(inputs: readonly Buffer[], coverage: Coverage): Promise<Buffer[]> {
    const guilty: Buffer[] = []
    coverage.forgetLast()
    for (const input of inputs) {
      await run(input)
      if (coverage.grew()) guilty.push(input)
    }
    return guilty
  }

  async function askWitness(): Promise<void> {
    const inputs = waiting
    waiting = []
    if (target.witness === undefined || inputs.length === 0) return
    options.begin?.(inputs[0] as Buffer)
    try {
      await target.witness(inputs)
      found.witnessed += inputs.length
    } catch (error) {
      throw new Finding((error instanceof Violation ? error.input : undefined) ?? (inputs[0] as Buffer), error)
    }
  }

  await batch(
    target.seeds().map((seed) => Buffer.from(seed)),
    true,
  )
  let asked = 0
  while (options.goesOn(found.executions)) {
    await batch(
      Array.from({ length: BATCH }, () => mutate(choose(corpus, random), random, material)),
      false,
    )
    if (found.executions - asked < options.witness.every) continue
    asked = found.executions
    await askWitness()
  }
  await askWitness()
  return found
}

/** Prefers newer inputs, which usually reach further. */
function choose(corpus: readonly Buffer[], random: Random): Buffer {
  const recent = corpus.slice(-16)
  return random.pick(random.oneIn(3) ? recent : corpus) ?? Buffer.alloc(0)
}
