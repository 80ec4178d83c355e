import { expect, test } from 'vitest'
import { MAX_LEAF_BYTES } from '../../domain/event.ts'
import { FileAccessed, ProcessStarted } from '../../domain/events/kernel.ts'
import type { BlobStore } from '../../store/types.ts'
import { kernelEvents } from './kernel-events.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function memoryBlobs(): { blobs: BlobStore; kept: Uint8Array[] } {
  const kept: Uint8Array[] = []
  const blobs = {
    async put(content: Uint8Array) {
      kept.push(content)
      return { digest: `sha256:${'0'.repeat(64)}`, bytes: content.length }
    },
  } as unknown as BlobStore
  return { blobs, kept }
}

test('splits a long list of files into events that fit into a leaf, and loses no path', async () => {
  const read = Array.from({ length: 5000 }, (_, index) =>
    bytes(`/workspace/repo/node_modules/package-${index}/index.js`),
  )
  const report = {
    kind: 'file.accessed',
    step: 1,
    pid: 7,
    read,
    written: [],
    created: [],
    removed: [],
    renamed: [],
    attempted: [],
    omitted: 3,
  } as const
  const events = await kernelEvents(report, memoryBlobs().blobs)
  const bodies = events.map((event) => FileAccessed.parse(event.body))
  expect(bodies.flatMap((body) => body.read)).toHaveLength(5000)
  expect(bodies.reduce((sum, body) => sum + body.omitted, 0)).toBe(3)
  for (const body of bodies) expect(JSON.stringify(body).length).toBeLessThan(MAX_LEAF_BYTES)
})

test('fits paths full of control characters, whose escapes take six bytes each', async () => {
  const read = Array.from({ length: 100 }, () => new Uint8Array(4000).fill(1))
  const report = {
    kind: 'file.accessed',
    step: 1,
    pid: 7,
    read,
    written: [],
    created: [],
    removed: [],
    renamed: [],
    attempted: [],
    omitted: 0,
  } as const
  const events = await kernelEvents(report, memoryBlobs().blobs)
  for (const event of events) expect(JSON.stringify(event.body).length).toBeLessThan(MAX_LEAF_BYTES)
})

test('keeps a 128 KiB argument whole as a blob, and the event says how much it leaves out', async () => {
  const { blobs, kept } = memoryBlobs()
  const argv = [bytes('sh'), bytes('x'.repeat(128 * 1024))]
  const report = {
    kind: 'process.started',
    step: 1,
    pid: 7,
    parent: 1,
    origin: 'exec',
    argv,
    argvOmitted: 0,
    cwd: bytes('/'),
    executable: bytes('/bin/sh'),
    executableSha256: null,
  } as const
  const [event] = await kernelEvents(report, blobs)
  const body = ProcessStarted.parse(event?.body)
  expect(kept[0]?.length).toBe(3 + 128 * 1024 + 1)
  expect(body.argvOmitted).toBeGreaterThan(100 * 1024)
  expect(JSON.stringify(body).length).toBeLessThan(MAX_LEAF_BYTES)
})
