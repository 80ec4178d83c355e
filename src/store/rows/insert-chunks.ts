// Few sizes, so that few statements are prepared; a database bounds the parameters of one.
const SIZES = [64, 8, 1] as const

export function* insertChunks<T>(rows: readonly T[]): Generator<T[]> {
  let from = 0
  for (const size of SIZES) {
    for (; rows.length - from >= size; from += size) yield rows.slice(from, from + size)
  }
}
