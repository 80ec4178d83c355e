import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { join } from 'node:path'

const BATCH = 64

type Path = string | Buffer
type Entry = Dirent<Buffer>

/**
 * Removes a tree that an attacker built, after every process that could still change it has ended. Symlinks are
 * removed, never followed. Folders are first moved next to each other, so that no path gets long: a tree nested deeper
 * than PATH_MAX can't be removed by its paths. Folders without permissions are opened to their owner first. Of millions
 * of entries only a batch is in memory at a time, and of a waiting folder only its number.
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
    // To change its parent a folder must be writable to us.
    await chmod(from, 0o700)
    await rename(from, place(number))
    pending.push(number)
  }
  // What a crash left in it goes the same way; what is moved meanwhile may be seen again.
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
  // Node types names as strings, but with this encoding they are the bytes of the name. A decoded name that is no UTF-8
  // would not be found again.
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
