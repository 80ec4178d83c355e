// Every fuzz target over its seeds and a number of mutations that is the same each time, so that none of them rots.
// `npm run fuzz` is what looks for something new.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { explore, Finding, type Exploration } from '../fuzz/engine/explore.ts'
import { mutate } from '../fuzz/engine/mutate.ts'
import { randomFrom } from '../fuzz/engine/random.ts'
import { GUEST_TARGETS, guestSeeds } from '../fuzz/guest-seeds.ts'
import { loadTarget, TARGET_NAMES } from '../fuzz/load-target.ts'
import type { Target } from '../fuzz/target.ts'

const ROOT = join(import.meta.dirname, '..')
const EXECUTIONS = 2000

function briefly(executions: number): Exploration {
  return {
    coverage: null,
    seed: 1,
    mostMs: null,
    witness: { inputs: 6, every: executions },
    goesOn: (done) => done < executions,
  }
}

describe('fuzz targets', () => {
  test.each(TARGET_NAMES)('what must hold of %s holds', async (name) => {
    const target = await loadTarget(name)
    expect(target.name).toBe(name)
    expect(target.covers.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
    const explored = await explore(target, briefly(EXECUTIONS))
    expect(explored.executions).toBeGreaterThanOrEqual(EXECUTIONS)
    expect(explored.kept).toBeGreaterThan(0)
    if (target.witness !== undefined) expect(explored.witnessed).toBeGreaterThan(0)
  })
})

describe('fuzz targets of the guest, built without libFuzzer', () => {
  beforeAll(() => {
    mkdirSync(join(ROOT, 'build'), { recursive: true })
    const make = ['make', '-s', '-C', join(ROOT, 'guest'), 'replay']
    execFileSync('flock', [join(ROOT, 'build/guest.lock'), ...make], { stdio: ['ignore', 'ignore', 'inherit'] })
  }, 300_000)

  test.each(GUEST_TARGETS)('what must hold of %s holds', (target) => {
    const folder = mkdtempSync(join(tmpdir(), 'glovebox-replay-'))
    try {
      const seeds = guestSeeds(target).map((seed) => Buffer.from(seed))
      const random = randomFrom(1)
      const material = { corpus: seeds, dictionary: [], json: false, maxBytes: 4096 }
      const mutated = Array.from({ length: 200 }, (_, at) =>
        mutate(seeds[at % seeds.length] as Buffer, random, material),
      )
      const files = [...seeds, ...mutated].map((input, at) => {
        writeFileSync(join(folder, String(at)), input)
        return join(folder, String(at))
      })
      const program = join(ROOT, 'build/guest/replay', target.slice('guest/'.length))
      const { status, stdout, stderr } = spawnSync(program, files, { env: { TMPDIR: folder }, encoding: 'utf8' })
      expect({ status, stderr, run: stdout.trim().split('\n').length }).toEqual({
        status: 0,
        stderr: '',
        run: files.length,
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the fuzzer', () => {
  const seeds = () => ['{"a":1}']
  const target: Target = { name: 'x', covers: [], dictionary: ['needle'], json: true, seeds, run: () => 'taken' }

  test('finds an input that breaks a target, and finds the same one again', async () => {
    const run = (input: Uint8Array): string => {
      if (Buffer.from(input).includes('needle')) throw new TypeError('found')
      return 'taken'
    }
    const [one, again] = await Promise.all(
      [1, 2].map(() => explore({ ...target, run }, briefly(5000)).catch((error: unknown) => error)),
    )
    expect(one).toBeInstanceOf(Finding)
    expect(one).toMatchObject({ message: 'TypeError: found' })
    expect(Buffer.from((one as Finding).input).toString()).toContain('needle')
    expect((again as Finding).input).toEqual((one as Finding).input)
  })

  test('works its way inwards by keeping what went a new way', async () => {
    const word = 'fuzz'
    const run = (input: Uint8Array): string => {
      const text = Buffer.from(input).toString('latin1')
      const right = [...word].findIndex((letter, at) => text[at] !== letter)
      if (right === -1) throw new TypeError('found')
      return String(right)
    }
    const ended = await explore({ ...target, run, json: false }, briefly(300_000)).catch((error: unknown) => error)
    expect(ended).toMatchObject({ message: 'TypeError: found' })
  })

  test('asks the witness about what was taken, and takes its word', async () => {
    const witness = () => {
      throw new Error('git reads something else')
    }
    await expect(explore({ ...target, witness }, briefly(100))).rejects.toThrow('git reads something else')
  })
})
