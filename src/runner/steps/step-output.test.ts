import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { OUTPUT_TAIL_BYTES } from '../../sandbox/types.ts'
import type { BlobStore } from '../../store/types.ts'
import { openOutput } from './step-output.ts'

function blobsInMemory() {
  const kept = new Map<string, string>()
  const put = async (bytes: Uint8Array) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const
    kept.set(digest, Buffer.from(bytes).toString())
    return { digest, bytes: bytes.length }
  }
  const writer = async () => {
    const chunks: Uint8Array[] = []
    return {
      write: async (bytes: Uint8Array) => void chunks.push(Uint8Array.from(bytes)),
      read: async (offset: number) => Buffer.concat(chunks).subarray(offset),
      finish: () => put(Buffer.concat(chunks)),
      abort: async () => {},
    }
  }
  return { kept, blobs: { put, writer, read: async () => null, open: async () => null } satisfies BlobStore }
}

async function keep(pieces: readonly string[], written: number, limit: number) {
  const { kept, blobs } = blobsInMemory()
  const output = await openOutput(blobs, limit)
  for (const piece of pieces) await output.write('stdout', Buffer.from(piece))
  const { stdout, stdoutCut, stderrCut } = await output.finish({ stdoutBytes: written, stderrBytes: 0 })
  const text = (digest: string | null | undefined) => (digest ? kept.get(digest) : digest)
  expect(stderrCut).toBeNull()
  return { head: text(stdout), cut: stdoutCut && { ...stdoutCut, tail: text(stdoutCut.tail) } }
}

test('keeps output within its limit, or joined by its end, as one blob', async () => {
  expect(await keep(['ab', 'cd'], 4, 4)).toEqual({ head: 'abcd', cut: null })
  expect(await keep(['ab', 'cd', 'efgh'], 8, 4)).toEqual({ head: 'abcdefgh', cut: null })
  expect(await keep(['abcdefgh'], 8, 4)).toEqual({ head: 'abcdefgh', cut: null })
})

test('keeps both ends of long output, with the number of bytes in between', async () => {
  expect(await keep(['abc', 'dwx', 'yz'], 100, 4)).toEqual({ head: 'abcd', cut: { omitted: 92, tail: 'wxyz' } })
  expect(await keep(['abcd'], 100, 4)).toEqual({ head: 'abcd', cut: { omitted: 96, tail: null } })
})

test('refuses more output from the guest than its limit allows', async () => {
  const output = await openOutput(blobsInMemory().blobs, 10)
  await output.write('stderr', new Uint8Array(10 + OUTPUT_TAIL_BYTES))
  await expect(output.write('stderr', new Uint8Array(1))).rejects.toThrow('more output than it may')
})
