// Chunks of rows for insert statements. Few sizes, so that few statements are prepared; bounded, since databases limit
// the parameters of one statement.
const SIZES = [64, 8, 1] as const

export function* insertChunks<T>(rows: readonly T[]): Generator<T[]> {
  let from = 0
  for (const size of SIZES) {
    for (; rows.length - from >= size; from += size) yield rows.slice(from, from + size)
  }
}
