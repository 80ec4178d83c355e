// A host that breaks the rules of guest/PROTOCOL.md, or that is slow: spoken to frame by frame.
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/sandbox/link/byte-writer.ts'
import {
  encodeAskCoverage,
  encodeFrame,
  encodeInput,
  encodeKill,
  encodeMark,
  encodeRun,
} from '../../src/sandbox/link/encode-request.ts'
import { REQUEST } from '../../src/sandbox/link/frame-types.ts'
import { BINARIES, buildGuest } from './build-guest.ts'
import { startRawGuest } from './raw-guest.ts'
import type { RawGuest } from './raw-guest.ts'
import { ENV } from './start-guest.ts'

const STEP = 9
const OTHER = 8
const SOME = Buffer.alloc(64 << 10, 'x')
const END = encodeInput(STEP, new Uint8Array())

function runRequest(argv: readonly string[], { input = true, step = STEP } = {}): Uint8Array {
  const command = { step, argv, env: ENV, cwd: '/', outputLimit: 1 << 30, record: true }
  return encodeRun(input ? { ...command, stdin: { [Symbol.asyncIterator]: () => ({ next: forever }) } } : command)
}

function forever(): Promise<never> {
  return new Promise(() => {})
}

function bytes(count: number): Uint8Array {
  return encodeFrame(REQUEST.input, new ByteWriter().u32(STEP).bytes(Buffer.alloc(count, 'x')).finish())
}

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: what a host may not send', (binary) => {
  const sleeping = runRequest(['sleep', '1000'])
  test.each([
    // A pipe takes the first 64 KiB of it; the guest keeps 256.
    ['more input than the guest keeps', [sleeping, ...Array.from({ length: 6 }, () => encodeInput(STEP, SOME))]],
    ['more input in one frame than is allowed', [sleeping, bytes((256 << 10) + 1)]],
    ['input after the end of the input', [sleeping, END, encodeInput(STEP, SOME)]],
    ['a second end of the input', [sleeping, END, END]],
    ['input for a step without', [runRequest(['sleep', '1000'], { input: false }), encodeInput(STEP, SOME)]],
    ['the end of an input for a step without', [runRequest(['sleep', '1000'], { input: false }), END]],
    ['input without its data', [sleeping, encodeFrame(REQUEST.input, Buffer.alloc(4))]],
    ['a mark with a rest', [sleeping, encodeFrame(REQUEST.mark, Buffer.alloc(5))]],
    ['marks without waiting for the answer', [sleeping, ...Array.from({ length: 1000 }, () => encodeMark(STEP))]],
  ])('%s ends the guest', async (_what, frames) => {
    await using guest = await startRawGuest({ binary })
    guest.send(...frames)
    expect(await guest.next(() => false)).toBeNull()
    await guest.exited
    expect(guest.complaints()).toBe('glovebox-guest: the host broke the protocol\n')
  })

  test('what belongs to a step that has ended is ignored, and a mark of it is answered', async () => {
    await using guest = await startRawGuest({ binary })
    guest.send(runRequest(['true']))
    await guest.next(({ kind }) => kind === 'step-ended')
    guest.send(encodeInput(STEP, SOME), END, END, encodeInput(STEP, SOME), encodeKill(STEP), encodeMark(STEP))
    expect(await guest.next(({ kind }) => kind === 'marked')).toEqual({ kind: 'marked', step: STEP })
    guest.send(encodeMark(OTHER))
    expect(await guest.next(() => true)).toEqual({ kind: 'marked', step: OTHER })
    guest.send(runRequest(['cat'], { step: OTHER }), encodeInput(STEP, SOME), encodeMark(STEP))
    expect(await guest.next(({ kind }) => kind === 'marked')).toEqual({ kind: 'marked', step: STEP })
    guest.send(encodeInput(OTHER, Buffer.from('own')), encodeInput(OTHER, new Uint8Array()))
    expect(await guest.next(({ kind }) => kind === 'output')).toMatchObject({
      bytes: Uint8Array.from(Buffer.from('own')),
    })
    expect(await guest.next(({ kind }) => kind === 'step-ended')).toMatchObject({ step: OTHER, result: { code: 0 } })
    guest.send(encodeAskCoverage())
    expect(await guest.next(() => true)).toMatchObject({ kind: 'coverage', coverage: { complete: true } })
    expect(guest.complaints()).toBe('')
  })

  test('a full window is no breach, and all of it is counted', async () => {
    await using guest = await startRawGuest({ binary })
    guest.send(runRequest(['wc', '-c']), bytes(256 << 10))
    let taken = 0
    while (taken < 256 << 10) {
      const message = await guest.next(({ kind }) => kind === 'input-taken')
      if (message?.kind !== 'input-taken') throw new Error('the guest hung up')
      taken += message.bytes
    }
    guest.send(END)
    expect(await guest.next(({ kind }) => kind === 'output')).toMatchObject({
      bytes: Uint8Array.from(Buffer.from('262144\n')),
    })
  })

  test('with a host that reads nothing, input and a mark under way, KILL ends the step', async () => {
    await using guest = await startRawGuest({ binary })
    guest.send(runRequest(['yes']), bytes(256 << 10), encodeMark(STEP))
    const step = await stepOf(guest)
    guest.send(encodeKill(STEP))
    await until(async () => /^(Z|X|gone)$/.test(await stateOf(step)))
    expect(await guest.next(({ kind }) => kind === 'step-ended')).toMatchObject({ result: { signal: 9 } })
  })
})

/** The process of the step, once it is `yes` and waits: its output fills all that lies between it and the host. */
async function stepOf(guest: RawGuest): Promise<number> {
  let step = 0
  let asleep = 0
  await until(async () => {
    const inner = (await childrenOf(guest.box.pid ?? 0))[0] ?? 0
    step = (await childrenOf(inner))[0] ?? 0
    const waits = (await commandOf(step)) === 'yes' && (await stateOf(step)) === 'S'
    asleep = waits ? asleep + 1 : 0
    return asleep >= 10
  })
  return step
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return children.split(' ').filter(Boolean).map(Number)
}

async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
}

/** A process that was killed and that the guest could not report yet is a zombie, Z. */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') gone')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? ''
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}
