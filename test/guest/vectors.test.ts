// The guest's end of the link against guest/vectors; the host's end is held against them beside its source.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import malformed from '../../guest/vectors/malformed.json' with { type: 'json' }
import messages from '../../guest/vectors/messages.json' with { type: 'json' }
import requests from '../../guest/vectors/requests.json' with { type: 'json' }
import { encodeRead, encodeRun } from '../../src/sandbox/link/encode-request.ts'
import { buildGuest } from './build-guest.ts'
import { BUILD } from './launch-box.ts'

const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
}

beforeAll(buildGuest, 300_000)

function checkVectors(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(BUILD, 'check-vectors'), args, { encoding: 'utf8' })
  return { status, stdout: stdout.trim(), stderr }
}

test.each(requests)('the guest understands: $name', ({ hex, decoded }) => {
  const { status, stdout, stderr } = checkVectors('decode', hex)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual(decoded)
})

test.each(messages.filter(({ fields }) => fields !== undefined))('the guest says: $name', ({ hex, fields = [] }) => {
  expect(checkVectors('encode', ...fields.map(String))).toEqual({ status: 0, stdout: hex, stderr: '' })
})

test.each(malformed.guest)('the guest refuses: $name', ({ hex }) => {
  expect(checkVectors('decode', hex)).toEqual({ status: 1, stdout: '', stderr: '' })
})

test('no prefix and no single changed byte of a request reads out of bounds', () => {
  for (const { hex } of requests.slice(0, 1)) {
    for (let at = 0; at < hex.length; at += 2) {
      expect(checkVectors('decode', hex.slice(0, at)).status).toBe(1)
      expect([0, 1]).toContain(checkVectors('decode', `${hex.slice(0, at)}ff${hex.slice(at + 2)}`).status)
    }
  }
})

test('whatever the host may ask for, the guest understands as it was meant', () => {
  // check-vectors writes JSON without escapes.
  const text = fc.string({ unit: fc.constantFrom(...'aZ09-_/=. \u00e9'), maxLength: 20 })
  const run = fc.record({
    step: fc.nat(0xffff_ffff),
    record: fc.boolean(),
    input: fc.boolean(),
    outputLimit: fc.maxSafeNat(),
    cwd: text.map((path) => `/${path}`),
    argv: fc
      .array(text, { maxLength: 6 })
      .chain((rest) => fc.tuple(fc.constant('sh'), fc.constant(rest)).map((all) => all.flat())),
    env: fc.dictionary(fc.constantFrom('A', 'B_2', '\u00e9'), text),
  })
  fc.assert(
    fc.property(run, ({ input, ...command }) => {
      const request = encodeRun(input ? { ...command, stdin: NOTHING } : command)
      const { status, stdout, stderr } = checkVectors('decode', Buffer.from(request).toString('hex'))
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const env = Object.entries(command.env).map(([name, value]) => `${name}=${value}`)
      expect(JSON.parse(stdout)).toEqual({ kind: 'run', ...command, input, env })
    }),
    { numRuns: 40 },
  )
  fc.assert(
    fc.property(text, fc.nat(64 << 20), (path, max) => {
      const { stdout } = checkVectors('decode', Buffer.from(encodeRead(`/${path}`, max)).toString('hex'))
      expect(JSON.parse(stdout)).toEqual({ kind: 'read', path: `/${path}`, max })
    }),
    { numRuns: 20 },
  )
})
