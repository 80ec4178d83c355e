// Mutations of bytes: a stack of several small changes, and mixtures of two inputs.
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'

export interface Material {
  corpus: readonly Buffer[]
  dictionary: readonly Buffer[]
  json: boolean
  maxBytes: number
}

type Mutation = (input: Buffer, random: Random, material: Material) => Buffer

export function mutate(input: Buffer, random: Random, material: Material): Buffer {
  let output = input
  for (let left = 1 + random.below(1 << random.below(4)); left > 0; left--) {
    const change = material.json && !random.oneIn(3) ? mutateJson : random.pick(MUTATIONS)
    output = change?.(output, random, material) ?? output
  }
  return output.length > material.maxBytes ? output.subarray(0, material.maxBytes) : output
}

const NUMBERS = [0, 1, 2, 4, 5, 127, 128, 255, 256, 4096, 8192, 65_515, 65_520, 65_535, 65_536, 1 << 20, 0x7fff_ffff]
const TEXT = Buffer.from(' \t\r\n\0/.:@%[]{}"\'\\-_+,;=?#&~^*0123456789abcdefxXAZ\u007f\u00e9\u2028\u202e\ufeff')

function changeBit(input: Buffer, random: Random): Buffer {
  const output = Buffer.from(input)
  const at = random.below(output.length)
  if (output.length > 0) output[at] = (output[at] as number) ^ (1 << random.below(8))
  return output
}

function changeByte(input: Buffer, random: Random): Buffer {
  const output = Buffer.from(input)
  if (output.length > 0) output[random.below(output.length)] = someByte(random)
  return output
}

function insertBytes(input: Buffer, random: Random): Buffer {
  const added = Buffer.from(Array.from({ length: 1 + random.below(4) }, () => someByte(random)))
  return replace(input, random.below(input.length + 1), 0, added)
}

function remove(input: Buffer, random: Random): Buffer {
  return replace(input, random.below(input.length), someLength(input, random), Buffer.alloc(0))
}

function repeat(input: Buffer, random: Random): Buffer {
  const start = random.below(input.length)
  const part = input.subarray(start, start + someLength(input, random))
  const times = random.oneIn(8) ? 1 + random.below(64) : 1
  return replace(input, start, 0, Buffer.concat(Array.from({ length: times }, () => part)))
}

function move(input: Buffer, random: Random): Buffer {
  const start = random.below(input.length)
  const part = Buffer.from(input.subarray(start, start + someLength(input, random)))
  const without = replace(input, start, part.length, Buffer.alloc(0))
  return replace(without, random.below(without.length + 1), 0, part)
}

function writeNumber(input: Buffer, random: Random): Buffer {
  const width = 1 << random.below(4)
  const value = BigInt.asUintN(width * 8, BigInt((random.pick(NUMBERS) ?? 0) + random.below(3) - 1))
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return replace(input, random.below(input.length + 1), random.oneIn(4) ? 0 : width, bytes.subarray(8 - width))
}

function nudgeNumber(input: Buffer, random: Random): Buffer {
  const text = input.toString('latin1')
  const numbers = [...text.matchAll(/\d+/g)]
  const found = random.pick(numbers)
  if (found === undefined) return writeNumber(input, random)
  const value = Number(found[0].slice(0, 15)) + random.below(5) - 2
  return replace(input, found.index, found[0].length, Buffer.from(String(Math.max(0, value))))
}

function useWord(input: Buffer, random: Random, { dictionary }: Material): Buffer {
  const word = random.pick(dictionary) ?? Buffer.alloc(0)
  return replace(input, random.below(input.length + 1), random.oneIn(2) ? word.length : 0, word)
}

function useOther(input: Buffer, random: Random, { corpus }: Material): Buffer {
  const other = random.pick(corpus) ?? input
  const start = random.below(other.length)
  const part = other.subarray(start, start + someLength(other, random))
  return replace(input, random.below(input.length + 1), random.oneIn(2) ? someLength(input, random) : 0, part)
}

const MUTATIONS: readonly Mutation[] = [
  changeBit,
  changeByte,
  insertBytes,
  remove,
  repeat,
  move,
  writeNumber,
  nudgeNumber,
  useWord,
  useWord,
  useOther,
]

function replace(input: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), by, input.subarray(at + length)])
}

function someByte(random: Random): number {
  return random.oneIn(3) ? random.below(256) : (TEXT[random.below(TEXT.length)] ?? 0)
}

/** A random, mostly short length. */
function someLength(input: Buffer, random: Random): number {
  return 1 + random.below(random.oneIn(4) ? input.length : Math.min(16, input.length))
}
