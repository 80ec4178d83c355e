import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredBlob } from '../../src/store/types.ts'
import { freshFolder } from './sample-records.ts'
import { STORES } from './stores.ts'

const BYTES = new TextEncoder().encode('what the step wrote')
const HEX = createHash('sha256').update(BYTES).digest('hex')
const DIGEST = `sha256:${HEX}`
/** More than a small blob, and more than one chunk of a stream. */
const LARGE = randomBytes(1024 * 1024 + 1)

async function streamed(blob: StoredBlob | null): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of blob?.stream() ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe.each(STORES)('blobs of $name', ({ open }) => {
  test.each([
    ['small', BYTES],
    ['large', LARGE],
    ['empty', new Uint8Array()],
  ])('reads a %s blob by its digest, whole and as a stream', async (_size, bytes) => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const { digest, ...stored } = await store.blobs.put(bytes)
    expect(stored).toEqual({ bytes: bytes.length })
    expect(Buffer.from((await store.blobs.read(digest))!).equals(bytes)).toBe(true)
    const blob = await store.blobs.open(digest)
    expect(blob?.bytes).toBe(bytes.length)
    expect((await streamed(blob)).equals(bytes)).toBe(true)
    expect((await streamed(blob)).equals(bytes)).toBe(true)
  })

  test('returns null for a blob that was never stored', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    expect(await store.blobs.read(DIGEST)).toBeNull()
    expect(await store.blobs.open(DIGEST)).toBeNull()
  })

  test('storing the same bytes 50 times at once gives one digest', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.blobs.put(BYTES)))
    expect(new Set(answers.map((answer) => answer.digest))).toEqual(new Set([DIGEST]))
  })

  test('a writer keeps the order of its calls, and the blob exists only after finish()', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const writer = await store.blobs.writer()
    void writer.write(BYTES.subarray(0, 4))
    void writer.write(BYTES.subarray(4, 4))
    await writer.write(BYTES.subarray(4))
    expect(await writer.read(2)).toEqual(Buffer.from(BYTES.subarray(2)))
    expect(await store.blobs.open(DIGEST)).toBeNull()
    expect(await writer.finish()).toEqual({ digest: DIGEST, bytes: BYTES.length })
    await writer.abort()
    expect(await store.blobs.read(DIGEST)).toHaveLength(BYTES.length)
    await expect(writer.write(BYTES)).rejects.toMatchObject({ code: 'writer-over' })
    await expect(writer.finish()).rejects.toMatchObject({ code: 'writer-over' })
  })

  test('a writer makes the same blob as one put, whatever the sizes of its chunks', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const cuts = fc.array(fc.nat(LARGE.length), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(cuts, fc.nat(LARGE.length), async (given, length) => {
        const writer = await store.blobs.writer()
        const edges = [0, ...given.filter((cut) => cut < length).toSorted((a, b) => a - b), length]
        // One buffer for all chunks: the caller may reuse it after each write.
        const chunk = Buffer.alloc(length)
        for (let index = 1; index < edges.length; index++) {
          const size = LARGE.copy(chunk, 0, edges[index - 1], edges[index])
          await writer.write(chunk.subarray(0, size))
        }
        const { digest, bytes } = await writer.finish()
        expect({ digest, bytes }).toEqual(await store.blobs.put(LARGE.subarray(0, length)))
        expect((await streamed(await store.blobs.open(digest))).equals(LARGE.subarray(0, length))).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  test('an aborted writer stores no blob', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    for (const bytes of [BYTES, LARGE]) {
      const writer = await store.blobs.writer()
      await writer.write(bytes)
      await writer.abort()
      await writer.abort()
      await expect(writer.finish()).rejects.toMatchObject({ code: 'writer-over' })
    }
    expect(await store.blobs.open(DIGEST)).toBeNull()
  })

  test('abandoning a stream halfway does no harm', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const { digest } = await store.blobs.put(LARGE)
    const blob = await store.blobs.open(digest)
    for await (const chunk of blob!.stream()) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect(await streamed(blob)).toHaveLength(LARGE.length)
  })

  test.each([
    '',
    'sha256:',
    '../../glovebox.db',
    'sha256:../../../glovebox.db',
    `sha256:${HEX.toUpperCase()}`,
    `sha256:${HEX}/..`,
    `sha256:${HEX}\n`,
    `md5:${HEX}`,
  ])('refuses %j as a digest', async (digest) => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await expect(store.blobs.read(digest)).rejects.toMatchObject({ code: 'bad-digest' })
    await expect(store.blobs.open(digest)).rejects.toMatchObject({ code: 'bad-digest' })
  })
})
