// The fuzzer: runs each parser of attacker-controlled input for some time on generated inputs.
import { readFileSync } from 'node:fs'
import { printable, printableBlock } from '../src/domain/byte-text.ts'
import { fuzzInThread } from './engine/supervise.ts'
import { GUEST_TARGETS, type GuestTarget } from './guest-seeds.ts'
import { buildGuestTargets, fuzzGuest, runGuestInput } from './guest-targets.ts'
import { loadTarget, TARGET_NAMES } from './load-target.ts'
import { type Options, readOptions, USAGE, UsageError } from './options.ts'
import { keepInput, type Outcome } from './outcome.ts'
import { tableOf } from './print-table.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)))
try {
  process.exitCode = await main(process.argv.slice(2), interrupted.signal)
} catch (error) {
  const cause: unknown = interrupted.signal.aborted ? interrupted.signal.reason : error
  say(cause instanceof Error ? cause.message : String(cause))
  process.exitCode = error instanceof UsageError ? 2 : 1
}

async function main(args: string[], signal: AbortSignal): Promise<number> {
  const options = readOptions(args)
  if (options.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const names = [...TARGET_NAMES, ...GUEST_TARGETS].filter((name) => options.only.test(name))
  if (names.length === 0)
    throw new UsageError(`no target matches; targets: ${[...TARGET_NAMES, ...GUEST_TARGETS].join(', ')}`)
  if (names.some(isGuestTarget)) buildGuestTargets()
  if (options.input !== null) return runInput(names, options.input, signal)
  say(`${names.length} targets, ${options.seconds} s each, seed ${options.seed}`)
  const outcomes: Outcome[] = []
  for (const name of names) {
    say(name)
    outcomes.push(await fuzz(name, options, signal))
  }
  const { seed, seconds } = options
  process.stdout.write(options.json ? `${JSON.stringify({ seed, seconds, targets: outcomes })}\n` : tableOf(outcomes))
  return outcomes.some(({ finding }) => finding !== null) ? 1 : 0
}

async function fuzz(name: string, { seconds, seed }: Options, signal: AbortSignal): Promise<Outcome> {
  if (isGuestTarget(name)) return fuzzGuest(name, { seconds, seed, signal })
  const start = performance.now()
  const report = await fuzzInThread(await loadTarget(name), { seconds, seed, signal })
  return {
    target: name,
    executions: report.executions,
    executionsPerSecond: (report.executions * 1000) / (performance.now() - start),
    kept: report.kind === 'explored' ? report.kept : 0,
    coverage: `${(report.coverage * 100).toFixed(1)} %`,
    finding: report.kind === 'found' ? keepInput(name, report.input, printableBlock(report.why)) : null,
  }
}

/** Runs one input again; returns 0 if all properties hold. */
async function runInput(names: readonly string[], file: string, signal: AbortSignal): Promise<number> {
  const [name, ...others] = names
  if (name === undefined || others.length > 0)
    throw new UsageError(`--input needs exactly one target, but --only matches ${names.join(', ')}`)
  if (isGuestTarget(name)) {
    const { status, text } = await runGuestInput(name, file, signal)
    process.stdout.write(printableBlock(text))
    return status === 0 ? 0 : 1
  }
  const target = await loadTarget(name)
  const input = readFileSync(file)
  const way = await target.run(input)
  if (way.startsWith('taken')) await target.witness?.([input])
  process.stdout.write(`${name} held: ${printable(way)}\n`)
  return 0
}

function isGuestTarget(name: string): name is GuestTarget {
  return (GUEST_TARGETS as readonly string[]).includes(name)
}

function say(line: string): void {
  process.stderr.write(`fuzz: ${line}\n`)
}
