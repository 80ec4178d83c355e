// Blobs as files in the data folder: their names and modes, and detection of altered files.
import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BlobStore } from '../../src/store/types.ts'
import { freshFolder, open } from './sample-records.ts'

const BYTES = new TextEncoder().encode('what the step wrote')
const DIGEST = digestOf(BYTES)

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function pathOf(folder: string, digest: string): string {
  const hex = digest.slice('sha256:'.length)
  return join(folder, 'blobs', 'sha256', hex.slice(0, 2), hex)
}

async function streamedBytes(blobs: BlobStore, digest: string): Promise<number> {
  let bytes = 0
  for await (const chunk of (await blobs.open(digest))!.stream()) bytes += chunk.length
  return bytes
}

describe('blobs', () => {
  test('are named by their digest and readable only by the owner', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.blobs.put(BYTES)
    const path = pathOf(folder.path, DIGEST)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
  })

  test('stored 50 times at once are one file', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await Promise.all(Array.from({ length: 50 }, () => store.blobs.put(BYTES)))
    const path = pathOf(folder.path, DIGEST)
    expect(await readdir(dirname(path))).toEqual([path.slice(dirname(path).length + 1)])
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
  })

  test('an aborted writer leaves no file', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const writer = await store.blobs.writer()
    await writer.write(randomBytes(1024 * 1024))
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toHaveLength(1)
    await writer.abort()
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
  })

  test('a flipped bit, a truncated file and a swapped blob are detected; storing the bytes again repairs them', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.blobs.put(BYTES)
    const path = pathOf(folder.path, DIGEST)
    const expectAltered = async () => {
      await expect(store.blobs.read(DIGEST)).rejects.toMatchObject({ code: 'blob-altered' })
      await expect(streamedBytes(store.blobs, DIGEST)).rejects.toMatchObject({ code: 'blob-altered' })
    }
    const flipped = Buffer.from(await readFile(path))
    flipped[3]! ^= 1
    await writeFile(path, flipped)
    await expectAltered()
    await store.blobs.put(BYTES)
    await expect(store.blobs.read(DIGEST)).resolves.toHaveLength(BYTES.length)
    await truncate(path, 5)
    await expectAltered()
    const other = await store.blobs.put(new Uint8Array([1, 2, 3]))
    await rename(pathOf(folder.path, other.digest), path)
    await expectAltered()
  })

  test('an altered blob fails before its last bytes are handed out, however large it is', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const bytes = randomBytes(3 * 1024 * 1024)
    const { digest } = await store.blobs.put(bytes)
    const altered = Buffer.from(bytes)
    altered[0]! ^= 1
    await writeFile(pathOf(folder.path, digest), altered)
    let given = 0
    const reading = (async () => {
      for await (const chunk of (await store.blobs.open(digest))!.stream()) given += chunk.length
    })()
    await expect(reading).rejects.toMatchObject({ code: 'blob-altered' })
    expect(given).toBeLessThan(bytes.length)
  })

  test('a symlink or a folder in place of a blob is not followed', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.blobs.put(BYTES)
    const blob = (await store.blobs.open(DIGEST))!
    const path = pathOf(folder.path, DIGEST)
    await rename(path, `${path}.elsewhere`)
    await symlink(`${path}.elsewhere`, path)
    await expect(store.blobs.read(DIGEST)).rejects.toThrow('ELOOP')
    expect(await store.blobs.open(DIGEST)).toBeNull()
    const reading = (async () => {
      for await (const chunk of blob.stream()) expect(chunk).toBeNull()
    })()
    await expect(reading).rejects.toThrow('ELOOP')
    await rm(path)
    await mkdir(path)
    await expect(store.blobs.read(DIGEST)).rejects.toThrow('EISDIR')
    expect(await store.blobs.open(DIGEST)).toBeNull()
  })

  test('opening the store removes unfinished writes of a crash', async () => {
    await using folder = await freshFolder()
    await (await open(folder.path))[Symbol.asyncDispose]()
    await writeFile(join(folder.path, 'blobs', 'unfinished', 'torn'), BYTES.subarray(0, 3))
    await using _store = await open(folder.path)
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
  })
})

describe('the data folder', () => {
  test('is refused if others can write it', async () => {
    await using folder = await freshFolder()
    await chmod(folder.path, 0o777)
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'insecure-folder' })
  })

  test('is closed to others if they can read it', async () => {
    await using folder = await freshFolder()
    await chmod(folder.path, 0o755)
    await using _store = await open(folder.path)
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700)
  })

  test('is refused if its database is a symbolic link', async () => {
    await using folder = await freshFolder()
    const elsewhere = join(folder.path, 'elsewhere')
    await writeFile(elsewhere, '', { mode: 0o644 })
    await symlink(elsewhere, join(folder.path, 'glovebox.db'))
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'insecure-folder' })
    expect((await lstat(elsewhere)).mode & 0o777).toBe(0o644)
  })
})
