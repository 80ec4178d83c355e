// Random numbers from a seed, so that a run can be repeated. Generator: sfc32 (PractRand).

export interface Random {
  /** A number from 0 to `limit` - 1; 0 if the limit is 0. */
  below(limit: number): number
  /** true with probability 1/`n`. */
  oneIn(n: number): boolean
  pick<T>(list: readonly T[]): T | undefined
}

export function randomFrom(seed: number): Random {
  let [a, b, c, d] = [0x9e3779b9, seed | 0, 0x243f6a88, 1]
  function next(): number {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  const below = (limit: number): number => (limit <= 1 ? 0 : next() % limit)
  return { below, oneIn: (n) => below(n) === 0, pick: (list) => list[below(list.length)] }
}
