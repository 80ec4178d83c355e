import { createHash } from 'node:crypto'
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
import { freshFolder, open } from './sample-records.ts'

const BYTES = new TextEncoder().encode('what the step wrote')
const HEX = createHash('sha256').update(BYTES).digest('hex')
const DIGEST = `sha256:${HEX}`

describe('blobs', () => {
  test('come back by their digest and lie where they should, for the owner alone', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    expect(await store.blobs.put(BYTES)).toEqual({ digest: DIGEST, bytes: BYTES.length })
    expect(Buffer.from((await store.blobs.read(DIGEST))!).equals(BYTES)).toBe(true)
    const path = await store.blobs.path(DIGEST)
    expect(path).toBe(join(folder.path, 'blobs', 'sha256', HEX.slice(0, 2), HEX))
    expect((await stat(path!)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path!))).mode & 0o777).toBe(0o700)
  })

  test('the empty blob is a blob, and one that is not there is null', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const { digest } = await store.blobs.put(new Uint8Array())
    expect(await store.blobs.read(digest)).toHaveLength(0)
    expect(await store.blobs.read(DIGEST)).toBeNull()
    expect(await store.blobs.path(DIGEST)).toBeNull()
  })

  test('the same bytes put 50 times at once are kept once and leave nothing behind', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.blobs.put(BYTES)))
    expect(new Set(answers.map((answer) => answer.digest))).toEqual(new Set([DIGEST]))
    expect(await readdir(join(folder.path, 'blobs', 'sha256', HEX.slice(0, 2)))).toEqual([HEX])
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
  })

  test('a writer takes chunks in the order of the calls, and the blob is not there before finish()', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const writer = await store.blobs.writer()
    void writer.write(BYTES.subarray(0, 4))
    void writer.write(BYTES.subarray(4, 4))
    await writer.write(BYTES.subarray(4))
    expect(await store.blobs.path(DIGEST)).toBeNull()
    expect(await writer.finish()).toEqual({ digest: DIGEST, bytes: BYTES.length })
    await writer.abort()
    expect(await store.blobs.read(DIGEST)).toHaveLength(BYTES.length)
    await expect(writer.write(BYTES)).rejects.toMatchObject({ code: 'writer-over' })
    await expect(writer.finish()).rejects.toMatchObject({ code: 'writer-over' })
  })

  test('an aborted writer leaves nothing', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const writer = await store.blobs.writer()
    await writer.write(BYTES)
    await writer.abort()
    await writer.abort()
    await expect(writer.finish()).rejects.toMatchObject({ code: 'writer-over' })
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
  })

  test('one flipped bit, a torn end and a swapped blob are noticed; putting the bytes again heals', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.blobs.put(BYTES)
    const path = (await store.blobs.path(DIGEST))!
    const flipped = Buffer.from(await readFile(path))
    flipped[3]! ^= 1
    await writeFile(path, flipped)
    await expect(store.blobs.read(DIGEST)).rejects.toMatchObject({ code: 'blob-altered' })
    await store.blobs.put(BYTES)
    await expect(store.blobs.read(DIGEST)).resolves.toHaveLength(BYTES.length)
    await truncate(path, 5)
    await expect(store.blobs.read(DIGEST)).rejects.toMatchObject({ code: 'blob-altered' })
    const other = await store.blobs.put(new Uint8Array([1, 2, 3]))
    await rename((await store.blobs.path(other.digest))!, path)
    await expect(store.blobs.read(DIGEST)).rejects.toMatchObject({ code: 'blob-altered' })
  })

  test('a symlink or a folder in the place of a blob is not followed', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.blobs.put(BYTES)
    const path = (await store.blobs.path(DIGEST))!
    await rename(path, `${path}.elsewhere`)
    await symlink(`${path}.elsewhere`, path)
    await expect(store.blobs.read(DIGEST)).rejects.toThrow('ELOOP')
    expect(await store.blobs.path(DIGEST)).toBeNull()
    await rm(path)
    await mkdir(path)
    await expect(store.blobs.read(DIGEST)).rejects.toThrow('EISDIR')
    expect(await store.blobs.path(DIGEST)).toBeNull()
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
  ])('what is no digest never becomes a path: %j', async (digest) => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await expect(store.blobs.read(digest)).rejects.toMatchObject({ code: 'bad-digest' })
    await expect(store.blobs.path(digest)).rejects.toMatchObject({ code: 'bad-digest' })
  })

  test('what a crash left unfinished is swept when the store opens', async () => {
    await using folder = await freshFolder()
    await (await open(folder.path))[Symbol.asyncDispose]()
    await writeFile(join(folder.path, 'blobs', 'unfinished', 'torn'), BYTES.subarray(0, 3))
    await using _store = await open(folder.path)
    expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
  })
})

describe('the data folder', () => {
  test('that others can write is refused', async () => {
    await using folder = await freshFolder()
    await chmod(folder.path, 0o777)
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'insecure-folder' })
  })

  test('that others can read is closed to them', async () => {
    await using folder = await freshFolder()
    await chmod(folder.path, 0o755)
    await using _store = await open(folder.path)
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700)
  })

  test('whose database is a link to elsewhere is refused', async () => {
    await using folder = await freshFolder()
    const elsewhere = join(folder.path, 'elsewhere')
    await writeFile(elsewhere, '', { mode: 0o644 })
    await symlink(elsewhere, join(folder.path, 'glovebox.db'))
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'insecure-folder' })
    expect((await lstat(elsewhere)).mode & 0o777).toBe(0o644)
  })
})
