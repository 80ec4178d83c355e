// Assertions that many attempts share.
import { expect } from 'vitest'
import { bytesOf } from '../../src/domain/byte-text.ts'
import type { Attempt, AttemptOutcome } from './attempt.ts'

/** Asserts that a program of the battery tried exactly these, and that each was refused. */
export function expectRefused(
  { stdout, stderr }: Pick<AttemptOutcome, 'stdout' | 'stderr'>,
  tried: readonly string[],
): void {
  const answers = stdout.split('\n').filter((line) => / (refused|GOT THROUGH)/.test(line))
  expect(answers.filter((line) => !/: refused( \(\w+\))?$/.test(line))).toEqual([])
  expect(
    answers.map((line) => line.replace(/: refused.*$/, '')),
    stderr,
  ).toEqual(tried)
}

/** The argv of every program that the attempt's step executed. */
export function startedArgvs({ of }: Pick<AttemptOutcome, 'of'>): string[][] {
  return of('process.started')
    .filter(({ body }) => body.step === 1 && body.origin === 'exec')
    .map(({ body }) => body.argv.map((arg) => Buffer.from(bytesOf(arg)).toString()))
}

/** Every path that a process of the attempt's step touched in this way, by the record. */
export function touched({ of }: Pick<AttemptOutcome, 'of'>, how: 'read' | 'written' | 'created' | 'removed'): string[] {
  return of('file.accessed').flatMap(({ body }) => body[how].map((path) => Buffer.from(bytesOf(path)).toString()))
}

type Refused = Pick<Attempt, 'id' | 'group' | 'tries' | 'wall' | 'invariant'> & {
  /** Program of the battery and its arguments. */
  run: string
  /** The attack, in the words of the program. */
  names: readonly string[]
}

/** An attempt whose program must be refused everything, and be recorded under its own name. */
export function refused({ run, names, ...attempt }: Refused): Attempt {
  const [program = '', name = ''] = run.split(' ')
  return {
    ...attempt,
    script: `/opt/hostile/${run}`,
    verify(outcome) {
      expectRefused(outcome, names)
      expect(startedArgvs(outcome)).toContainEqual(expect.arrayContaining([`/opt/hostile/${program}`, name]))
    },
  }
}
