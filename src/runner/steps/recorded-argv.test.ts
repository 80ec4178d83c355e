import { expect, test } from 'vitest'
import { bytesOf } from '../../domain/byte-text.ts'
import type { BlobStore } from '../../store/types.ts'
import { recordedArgv } from './recorded-argv.ts'

function openBlobs() {
  const kept: Uint8Array[] = []
  const blobs = {
    put: async (bytes: Uint8Array) => ({ digest: `sha256:${kept.push(bytes)}` }),
  } as unknown as BlobStore
  return { blobs, kept }
}

test('a short argv is recorded whole, and no blob is made', async () => {
  const { blobs, kept } = openBlobs()
  expect(await recordedArgv(['sh', '-c', 'echo é'].map(bytesOf), blobs)).toEqual({
    argv: ['sh', '-c', 'echo é'],
    argvOmitted: 0,
  })
  expect(kept).toEqual([])
})

test('of a long argv the begin is recorded, what is left out is counted, and the whole is kept as a blob', async () => {
  const { blobs, kept } = openBlobs()
  const script = 'x'.repeat(20_000)
  const { argv, argvOmitted, argvBlob } = await recordedArgv(['sh', '-c', script, 'last'].map(bytesOf), blobs)
  expect(argv.slice(0, 2)).toEqual(['sh', '-c'])
  expect(script.startsWith(argv[2] as string)).toBe(true)
  const whole = Buffer.from(kept[0] ?? []).toString()
  expect(whole).toBe(`sh\0-c\0${script}\0last\0`)
  const shown = argv.map((arg) => bytesOf(arg).length)
  expect(argvOmitted).toBe(whole.length - (shown[0]! + 1) - (shown[1]! + 1) - shown[2]!)
  expect(argvBlob).toBe('sha256:1')
})
