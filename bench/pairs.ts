// Measurement of pairs. Both sides run in turns, so that a machine that gets slower slows both.

/** Each side returns the figure of one execution, usually milliseconds, without its preparation. */
export interface Sides {
  measured(): Promise<number>
  baseline(): Promise<number>
}

export interface Pair {
  measured: number
  baseline: number
}

export interface Summary {
  median: number
  min: number
  max: number
  n: number
}

/** Measures `count` pairs after one discarded pair, which fills caches and compiles code. The first side alternates. */
export async function measurePairs(count: number, sides: Sides, signal: AbortSignal): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let turn = 0; turn <= count; turn++) {
    signal.throwIfAborted()
    const pair = turn % 2 === 0 ? await baselineFirst(sides) : await measuredFirst(sides)
    if (turn > 0) pairs.push(pair)
  }
  return pairs
}

async function baselineFirst(sides: Sides): Promise<Pair> {
  const baseline = await sides.baseline()
  return { baseline, measured: await sides.measured() }
}

async function measuredFirst(sides: Sides): Promise<Pair> {
  const measured = await sides.measured()
  return { measured, baseline: await sides.baseline() }
}

export function ratios(pairs: readonly Pair[]): Summary {
  return summarise(pairs.map(({ measured, baseline }) => measured / baseline))
}

export function differences(pairs: readonly Pair[]): Summary {
  return summarise(pairs.map(({ measured, baseline }) => measured - baseline))
}

function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number): number => rounded(sorted[index] ?? Number.NaN)
  const middle = (sorted.length - 1) / 2
  const median = rounded(((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2)
  return { median, min: at(0), max: at(sorted.length - 1), n: sorted.length }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
