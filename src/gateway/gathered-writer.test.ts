import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gatherInto } from './gathered-writer.ts'

test('writes all bytes in order, whatever the size of the chunks', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1_200_000 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const written: Buffer[] = []
      const writer = gatherInto({
        async write(bytes) {
          await new Promise(setImmediate)
          written.push(Buffer.from(bytes))
        },
      })
      const chunks = lengths.map((length, at) => Buffer.alloc(length, at + 1))
      for (const chunk of chunks) await writer.add(chunk)
      await writer.end()
      expect(Buffer.concat(written).equals(Buffer.concat(chunks))).toBe(true)
      expect(written.every((part) => part.length <= 512 * 1024)).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('rejects after an earlier write failed', async () => {
  const writer = gatherInto({ write: () => Promise.reject(new Error('the disk is full')) })
  await expect(async () => {
    for (let at = 0; at < 3; at += 1) await writer.add(Buffer.alloc(600_000))
    await writer.end()
  }).rejects.toThrow(/disk is full/)
})
