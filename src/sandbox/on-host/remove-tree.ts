import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { join } from 'node:path'

const BATCH = 64

type Path = string | Buffer
type Entry = Dirent<Buffer>

/**
 * Removes a tree that an attacker built, after every process that could still change it has ended. Removes symlinks and
 * never follows them. First moves all folders next to each other, because a tree nested deeper than PATH_MAX can't be
 * removed by its paths. Gives the owner access to closed folders first. Keeps only a batch of entries in memory, and
 * only a number for each folder that waits.
 */
export async function removeTree(path: string): Promise<void> {
  const info = await lstat(path).catch(ignoreMissing)
  if (!info) return
  if (!info.isDirectory()) return unlink(path)
  const flat = `${path}.removing`
  await mkdir(flat, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const prefix = randomBytes(8).toString('hex')
  const place = (number: number) => join(flat, `${prefix}-${number}`)
  const pending: number[] = []
  let moved = 0
  const move = async (from: Path) => {
    const number = moved++
    // Moving a folder changes its `..` entry, so the folder must be writable.
    await chmod(from, 0o700)
    await rename(from, place(number))
    pending.push(number)
  }
  // Also removes entries that a crash left here. Folders moved here meanwhile may be visited again.
  await eachEntry(flat, async (entry, at) => {
    if (!entry.name.toString('latin1').startsWith(prefix)) await removeEntry(entry, at, move)
  })
  await move(path)
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    await eachEntry(place(number), (entry, at) => removeEntry(entry, at, move))
    await rmdir(place(number))
  }
  await rmdir(flat)
}

function removeEntry(entry: Entry, at: Buffer, move: (from: Path) => Promise<void>): Promise<void> {
  return entry.isDirectory() ? move(at) : unlink(at)
}

async function eachEntry(folder: string, work: (entry: Entry, at: Buffer) => Promise<void>): Promise<void> {
  // Node's types say string, but with this encoding each name is a Buffer of its bytes. A decoded name that is not
  // UTF-8 would not match the entry.
  const dir = await opendir(folder, { encoding: 'buffer' as BufferEncoding, bufferSize: BATCH })
  let batch: Promise<void>[] = []
  for await (const entry of dir as AsyncIterable<unknown> as AsyncIterable<Entry>) {
    batch.push(work(entry, Buffer.concat([Buffer.from(`${folder}/`), entry.name])))
    if (batch.length < BATCH) continue
    await Promise.all(batch)
    batch = []
  }
  await Promise.all(batch)
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
