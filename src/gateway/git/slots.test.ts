import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

const answer = (body: Uint8Array | PassThrough) => ({ status: 200, headers: {}, body })

test('an answer keeps its slot until it is sent, and then the next request gets it', async () => {
  const inSlot = createSlots(2)
  const streams = [new PassThrough(), new PassThrough(), new PassThrough()]
  const begun: number[] = []
  const answers = streams.map((stream, index) =>
    inSlot(async () => {
      begun.push(index)
      return answer(stream)
    }),
  )
  await Promise.all(answers.slice(0, 2))
  expect(begun).toEqual([0, 1])
  streams[1]?.destroy()
  await answers[2]
  expect(begun).toEqual([0, 1, 2])
})

test('a failed, a complete and an already closed answer keep no slot', async () => {
  const inSlot = createSlots(1)
  const closed = new PassThrough()
  closed.destroy()
  await once(closed, 'close')
  await expect(inSlot(async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await inSlot(async () => answer(new Uint8Array()))
  await inSlot(async () => answer(closed))
  expect(await inSlot(async () => answer(new Uint8Array()))).toMatchObject({ status: 200 })
})
