import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Guest } from '../types.ts'
import { ended, exited, inputTaken, linkAt, marked, output, requestsOf } from './fake-guest-end.ts'
import { INPUT_WINDOW_BYTES, REQUEST } from './frame-types.ts'
import type { Frame } from './frame-types.ts'

const COMMAND = { step: 5, argv: ['true'], env: {}, cwd: '/', outputLimit: 10, record: true }
const NEVER = new AbortController().signal
const SINK = { output: () => {}, reports: () => {} }

let folder: string
let guest: Guest
let inside: Socket
let requests: AsyncGenerator<Frame>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glovebox-link-'))
  ;({ guest, inside } = await linkAt(join(folder, 'link.sock')))
  requests = requestsOf(inside)
})
afterEach(async () => {
  inside.destroy()
  await rm(folder, { recursive: true })
})

async function request(type: number): Promise<Buffer> {
  const { value } = (await requests.next()) as { value: Frame | undefined }
  expect(value?.type).toBe(type)
  return Buffer.from(value?.payload ?? [])
}

/** Data of the next INPUT frame. */
async function input(): Promise<Buffer> {
  return (await request(REQUEST.input)).subarray(8)
}

/** An input source that notes how it is used. */
function source(pieces: Iterable<Uint8Array | Promise<Uint8Array>>) {
  const left = Promise.withResolvers<void>()
  const iterator = pieces[Symbol.iterator]()
  return {
    left: left.promise,
    [Symbol.asyncIterator]: () => ({
      async next(): Promise<IteratorResult<Uint8Array>> {
        const { done, value } = iterator.next()
        return done ? { done, value: undefined } : { done: false, value: await value }
      },
      async return(): Promise<IteratorResult<Uint8Array>> {
        left.resolve()
        return { done: true, value: undefined }
      },
    }),
  }
}

describe('standard input', () => {
  test('sends no more input than the guest buffers, until the step reads some', async () => {
    const bytes = Buffer.alloc(INPUT_WINDOW_BYTES + 10, 'a')
    const running = guest.run({ ...COMMAND, stdin: source([bytes]) }, SINK, NEVER)
    expect((await request(REQUEST.run))[4]).toBe(3)
    let sent = 0
    while (sent < INPUT_WINDOW_BYTES) sent += (await input()).length
    expect(sent).toBe(INPUT_WINDOW_BYTES)
    inside.write(inputTaken(5, 3))
    expect(await input()).toHaveLength(3)
    inside.write(inputTaken(5, INPUT_WINDOW_BYTES))
    expect(await input()).toHaveLength(7)
    expect(await input()).toHaveLength(0)
    inside.write(ended(5))
    await expect(running).resolves.toMatchObject({ code: 0 })
  })

  test('empty pieces do not end the input, and a reused buffer was sent before it changed', async () => {
    const piece = Buffer.from('one')
    function* reused() {
      yield new Uint8Array()
      yield piece
      piece.write('two')
      yield piece
    }
    const running = guest.run({ ...COMMAND, stdin: source(reused()) }, SINK, NEVER)
    await request(REQUEST.run)
    expect([String(await input()), String(await input()), String(await input())]).toEqual(['one', 'two', ''])
    inside.write(ended(5))
    await running
  })

  test.each([
    ['the step ends', () => inside.write(ended(5))],
    ['the step closes its input', () => inside.write(inputTaken(5, 0, true))],
    ['the link breaks', () => inside.destroy()],
  ])('stops waiting for an input source when %s', async (_how, end) => {
    const stdin = source([Buffer.from('x'), new Promise<never>(() => {})])
    const running = guest.run({ ...COMMAND, stdin }, SINK, NEVER)
    await request(REQUEST.run)
    await input()
    end()
    await stdin.left
    if (!inside.destroyed) inside.write(ended(5))
    await running.catch(() => {})
  })

  test('a failing source ends the input, the step and then the run', async () => {
    const failure = new Error('gone')
    const stdin = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }
    let settled = false
    const running = guest.run({ ...COMMAND, stdin }, SINK, NEVER).finally(() => (settled = true))
    running.catch(() => {})
    await request(REQUEST.run)
    expect(await input()).toHaveLength(0)
    await request(REQUEST.kill)
    expect(settled).toBe(false)
    inside.write(ended(5))
    await expect(running).rejects.toMatchObject({ code: 'input', cause: failure })
    expect(await coverageIsAsked()).toBe(true)
  })

  async function coverageIsAsked(): Promise<boolean> {
    guest.coverage().catch(() => {})
    await request(REQUEST.coverage)
    return true
  }

  test.each([
    ['more input than was sent', inputTaken(5, 2)],
    ['input of another step', inputTaken(6, 1)],
  ])('a guest that acknowledges %s loses the link', async (_what, frame) => {
    const stdin = source([Buffer.from('x')])
    const running = guest.run({ ...COMMAND, stdin }, SINK, NEVER)
    await request(REQUEST.run)
    await input()
    inside.write(frame)
    await expect(running).rejects.toMatchObject({ code: 'protocol' })
  })

  test('a guest that acknowledges input for a step without input loses the link', async () => {
    const running = guest.run(COMMAND, SINK, NEVER)
    inside.write(inputTaken(5, 0, true))
    await expect(running).rejects.toMatchObject({ code: 'protocol' })
  })
})

describe('marks', () => {
  test('a mark waits until all earlier reports are handled', async () => {
    const taken = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const order: string[] = []
    const sink = {
      output: () => void order.push('output'),
      reports: async () => {
        reached.resolve()
        await taken.promise
        order.push('reports')
      },
    }
    const running = guest.run(COMMAND, sink, NEVER)
    await request(REQUEST.run)
    const mark = guest.mark().then(() => order.push('mark'))
    await request(REQUEST.mark)
    inside.write(Buffer.concat([exited(5, 7), marked(5), output(5, 'x'), ended(5)]))
    await reached.promise
    await new Promise((resolve) => setImmediate(resolve))
    expect(order).toEqual([])
    taken.resolve()
    await Promise.all([mark, running])
    expect([order[0], order.toSorted()]).toEqual(['reports', ['mark', 'output', 'reports']])
  })

  test('callers that ask during a mark share the next one', async () => {
    const running = guest.run(COMMAND, SINK, NEVER)
    await request(REQUEST.run)
    const first = guest.mark()
    await request(REQUEST.mark)
    let later = false
    const others = Promise.all([guest.mark(), guest.mark(), guest.mark()]).then(() => (later = true))
    inside.write(marked(5))
    await first
    await request(REQUEST.mark)
    expect(later).toBe(false)
    inside.write(marked(5))
    await others
    inside.write(ended(5))
    await running
  })

  test('a mark whose step ends meanwhile is answered afterwards, and the next step gets its own mark', async () => {
    const running = guest.run(COMMAND, SINK, NEVER)
    await request(REQUEST.run)
    const mark = guest.mark()
    await request(REQUEST.mark)
    inside.write(ended(5))
    await running
    const next = guest.run({ ...COMMAND, step: 6 }, SINK, NEVER)
    await request(REQUEST.run)
    const its = guest.mark()
    inside.write(marked(5))
    await mark
    expect((await request(REQUEST.mark)).readUInt32BE()).toBe(6)
    inside.write(Buffer.concat([marked(6), ended(6)]))
    await Promise.all([its, next])
  })

  test('without a running step a mark sends no request and only waits for the last reports', async () => {
    await guest.mark()
    const taken = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    let done = false
    const reports = async (): Promise<void> => {
      reached.resolve()
      await taken.promise
      done = true
    }
    const running = guest.run(COMMAND, { ...SINK, reports }, NEVER)
    inside.write(Buffer.concat([exited(5, 7), ended(5)]))
    await reached.promise
    const mark = guest.mark().then(() => expect(done).toBe(true))
    taken.resolve()
    await Promise.all([mark, running])
    await request(REQUEST.run)
    guest.coverage().catch(() => {})
    await request(REQUEST.coverage)
  })

  test.each([
    ['without a request', [marked(5)]],
    ['for another step', [marked(6)]],
  ])('a mark answer %s ends the link', async (what, frames) => {
    const running = guest.run(COMMAND, SINK, NEVER)
    const asked = what.startsWith('of') ? guest.mark() : Promise.resolve()
    inside.write(Buffer.concat(frames))
    await expect(running).rejects.toMatchObject({ code: 'protocol' })
    await asked.catch((error: unknown) => expect(error).toMatchObject({ code: 'protocol' }))
    await expect(guest.mark()).rejects.toMatchObject({ code: 'protocol' })
  })

  test('a mark fails when its reports cannot be stored, even if the guest answered', async () => {
    const running = guest.run(COMMAND, { ...SINK, reports: () => Promise.reject(new Error('disk full')) }, NEVER)
    running.catch(() => {})
    await request(REQUEST.run)
    const marks = [guest.mark(), guest.mark()]
    await request(REQUEST.mark)
    inside.write(Buffer.concat([exited(5, 7), marked(5)]))
    for (const mark of marks) await expect(mark).rejects.toMatchObject({ code: 'lost' })
    await expect(running).rejects.toMatchObject({ code: 'lost' })
  })
})
