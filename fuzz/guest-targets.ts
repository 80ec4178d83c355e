// Build and execution of the targets in C (guest/fuzz) with libFuzzer.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guestSeeds, type GuestTarget } from './guest-seeds.ts'
import { findingIn, FOUND_FOLDER, type Outcome } from './outcome.ts'

const ROOT = join(import.meta.dirname, '..')
const BUILT = join(ROOT, 'build/guest/fuzz')

/** Builds the targets. Throws with the compiler's messages. */
export function buildGuestTargets(): void {
  const { status, stderr, error } = spawnSync('make', ['-s', '-C', join(ROOT, 'guest'), 'fuzz'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the targets in guest/fuzz do not build: ${error?.message ?? stderr}`)
}

export async function fuzzGuest(
  target: GuestTarget,
  options: { seconds: number; seed: number; signal: AbortSignal },
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-guest-'))
  try {
    for (const name of ['corpus', 'seeds', 'found', 'tmp']) mkdirSync(join(folder, name))
    guestSeeds(target).forEach((seed, at) => writeFileSync(join(folder, 'seeds', String(at)), seed))
    const output = await run(
      target,
      options.signal,
      [
        `-max_total_time=${options.seconds}`,
        // libFuzzer accepts only an int.
        `-seed=${options.seed % 0x7fff_ffff}`,
        '-print_final_stats=1',
        '-timeout=10',
        '-rss_limit_mb=1024',
        `-artifact_prefix=${folder}/found/`,
        join(folder, 'corpus'),
        join(folder, 'seeds'),
      ],
      folder,
    )
    return outcome(target, output, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs one input; resolves with exit status and output. */
export async function runGuestInput(target: GuestTarget, file: string, signal: AbortSignal): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-guest-'))
  try {
    mkdirSync(join(folder, 'tmp'))
    return await run(target, signal, [file], folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Run {
  status: number | null
  text: string
}

function run(target: GuestTarget, signal: AbortSignal, args: readonly string[], folder: string): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>()
  const child = spawn(join(BUILT, target.slice('guest/'.length)), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', TMPDIR: join(folder, 'tmp') },
    signal,
    killSignal: 'SIGKILL',
  })
  let text = ''
  // Only the end is kept: the report of a crash and the figures.
  child.stderr.on('data', (chunk: Buffer) => (text = (text + chunk.toString('latin1')).slice(-(1 << 18))))
  child.on('error', reject)
  child.on('close', (status) => resolve({ status, text }))
  return promise
}

function outcome(target: GuestTarget, { status, text }: Run, folder: string): Outcome {
  const figure = (pattern: RegExp): number => Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0)
  const executions = figure(/stat::number_of_executed_units:\s*(\d+)/g) || figure(/^#(\d+)/gm)
  const [found] = readdirSync(join(folder, 'found'))
  let finding: Outcome['finding'] = null
  if (status !== 0) {
    mkdirSync(FOUND_FOLDER, { recursive: true })
    const file = join(FOUND_FOLDER, `${target.replace('/', '-')}-${found ?? 'no-input'}`)
    const input = found === undefined ? Buffer.from(text, 'latin1') : readFileSync(join(folder, 'found', found))
    writeFileSync(file, input)
    finding = findingIn(target, file, report(text))
  }
  return {
    target,
    executions,
    executionsPerSecond: figure(/stat::average_exec_per_sec:\s*(\d+)/g),
    kept: figure(/stat::new_units_added:\s*(\d+)/g),
    coverage: `${figure(/ cov: (\d+)/g)} edges`,
    finding,
  }
}

/** The output from the first line that reports an error. */
function report(text: string): string {
  const at = text.search(/^.*(does not hold|runtime error|ERROR: )/m)
  return text.slice(Math.max(at, 0)).slice(0, 2000)
}
