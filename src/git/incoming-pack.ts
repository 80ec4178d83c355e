// A pushed pack, kept apart until it has passed all checks. git's receive-pack would let a pushed commit refer to any
// object of the borrowed mirror. Here a pushed commit may only reach objects that were sent or that the run may read.
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { linesOf } from './lines-of.ts'
import type { ObjectFormat } from './object-id.ts'
import type { ApartCommand } from './strict-check.ts'
import { checkStrictly } from './strict-check.ts'

export const NOT_SENT = 'the commits need objects that were not sent'

export interface PackLimits {
  /** Bytes of the pack as sent. */
  packBytes: number
  /** Objects in the pack. */
  objects: number
  /** Bytes of one object, unpacked. */
  objectBytes: number
  /** Bytes of all objects, unpacked; a small pack can unpack to a large size. */
  unpackedBytes: number
  /** Time limit of each check, in milliseconds. */
  timeoutMs: number
}

export const DEFAULT_PACK_LIMITS: PackLimits = {
  packBytes: 512 * 1024 * 1024,
  objects: 500_000,
  objectBytes: 128 * 1024 * 1024,
  unpackedBytes: 4 * 1024 ** 3,
  timeoutMs: 300_000,
}

export interface IncomingPack {
  readonly bytes: number
  /** Environment that shows the objects to git before they are moved into the repository. */
  readonly env: Readonly<Record<string, string>>
  /** Rejects if the commit reaches an object that was not sent and that the tips do not reach. */
  checkConnected(commit: string, tips: readonly string[]): Promise<void>
  /** Moves the objects into the repository; the returned function removes them again. */
  keep(): Promise<() => Promise<void>>
  /** Removes the objects that keep() did not move. */
  discard(): Promise<void>
}

export async function receivePack(
  git: HostGit,
  options: {
    repository: string
    format: ObjectFormat
    pack: Readable
    /** The commits that the run may read. Faulty objects that they reach are accepted. */
    tips: readonly string[]
    limits: PackLimits
    signal?: AbortSignal
  },
): Promise<IncomingPack> {
  const { repository, limits, signal } = options
  const folder = await mkdtemp(join(repository, 'incoming-'))
  const env = {
    GIT_OBJECT_DIRECTORY: folder,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quotedPath(join(repository, 'objects')),
  }
  const common = { gitDir: repository, env, timeoutMs: limits.timeoutMs, ...(signal ? { signal } : {}) }
  const discard = () => rm(folder, { recursive: true, force: true })
  try {
    await mkdir(join(folder, 'pack'))
    const gate = packGate(limits)
    await indexPack(git, common, options.pack.compose(gate.stream), limits)
    await refuseTrailing(join(folder, 'pack'), gate.bytes())
    const sent = await sentObjects(git, common, folder, options.format)
    await checkSizes(git, common, sent, limits)
    const env = { ...common.env, ...largestObject(limits) }
    await checkStrictly(git, { ...common, env }, { folder, sent, tips: options.tips })
    return {
      bytes: gate.bytes(),
      env,
      checkConnected: (commit, tips) => checkConnected(git, common, { commit, tips, sent }),
      keep: () => movePack(join(folder, 'pack'), join(repository, 'objects', 'pack')),
      discard,
    }
  } catch (error) {
    await discard()
    throw error
  }
}

/** Thin packs are neither offered nor completed: a delta against a borrowed object would reveal its content. */
async function indexPack(git: HostGit, common: ApartCommand, input: Readable, limits: PackLimits): Promise<void> {
  const argv = ['index-pack', '--stdin', '--threads=1', `--max-input-size=${limits.packBytes}`]
  await git.run({ ...common, env: { ...common.env, ...largestObject(limits) }, argv, input })
}

/** Limits the largest single allocation: the header of a delta can claim any size for its result. */
function largestObject({ objectBytes }: PackLimits): Record<string, string> {
  return { GIT_ALLOC_LIMIT: String(objectBytes + 1024 * 1024) }
}

/** Refuses bytes after the pack: git ignores them, so no check has read them. */
async function refuseTrailing(folder: string, sent: number): Promise<void> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.pack'))
  if (name === undefined || (await stat(join(folder, name))).size !== sent)
    throw new GitError('failed', 'more bytes follow the pack')
}

/** Passes the pack on and counts its bytes. It fails if the input is not a pack or claims too many objects. */
function packGate(limits: PackLimits): { stream: Transform; bytes: () => number } {
  let bytes = 0
  let header: Buffer | null = Buffer.alloc(0)
  const check = (chunk: Buffer): Error | null => {
    bytes += chunk.length
    if (bytes > limits.packBytes) return new GitError('too-large', `the pack is over ${limits.packBytes} bytes`)
    if (header === null) return null
    header = Buffer.concat([header, chunk.subarray(0, 12)])
    if (header.length < 12) return null
    const magic = header.toString('latin1', 0, 4)
    const [version, objects] = [header.readUInt32BE(4), header.readUInt32BE(8)]
    header = null
    if (magic !== 'PACK' || (version !== 2 && version !== 3))
      return new GitError('failed', 'the data that was sent is not a pack')
    return objects > limits.objects ? new GitError('too-large', `the pack has over ${limits.objects} objects`) : null
  }
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const error = check(chunk)
      if (error) done(error)
      else done(null, chunk)
    },
  })
  return { stream, bytes: () => bytes }
}

async function sentObjects(
  git: HostGit,
  common: ApartCommand,
  folder: string,
  format: ObjectFormat,
): Promise<ReadonlySet<string>> {
  const names = await readdir(join(folder, 'pack'))
  const index = names.find((name) => name.endsWith('.idx'))
  if (index === undefined) throw new GitError('failed', 'git wrote no index for the pack')
  const sent = new Set<string>()
  const input = await readFile(join(folder, 'pack', index))
  await linesOf(git, { ...common, argv: ['show-index', `--object-format=${format}`], input }, (line) => {
    const id = line.split(' ')[1]
    if (id !== undefined) sent.add(id)
  })
  return sent
}

async function checkSizes(
  git: HostGit,
  common: ApartCommand,
  sent: ReadonlySet<string>,
  limits: PackLimits,
): Promise<void> {
  let total = 0
  let largest = 0
  const argv = ['cat-file', '--batch-check=%(objectsize)', '--buffer']
  const input = [...sent].map((id) => `${id}\n`).join('')
  await linesOf(git, { ...common, argv, input }, (line) => {
    const size = /^\d+$/.test(line) ? Number(line) : Infinity
    total += size
    largest = Math.max(largest, size)
  })
  if (largest > limits.objectBytes) throw new GitError('too-large', `an object is over ${limits.objectBytes} bytes`)
  if (total > limits.unpackedBytes)
    throw new GitError('too-large', `the objects are over ${limits.unpackedBytes} bytes unpacked`)
}

async function checkConnected(
  git: HostGit,
  common: ApartCommand,
  { commit, tips, sent }: { commit: string; tips: readonly string[]; sent: ReadonlySet<string> },
): Promise<void> {
  const foreign = new Set<string>()
  const argv = ['rev-list', '--objects', '--no-object-names', '--stdin']
  const input = [commit, ...tips.map((tip) => `^${tip}`)].map((line) => `${line}\n`).join('')
  await linesOf(git, { ...common, argv, input }, (line) => {
    if (line !== '' && !sent.has(line)) foreign.add(line)
  })
  if (foreign.size === 0) return
  // The commit may restore an older state, such as a file from deep in the history, so search the whole history.
  const all = tips.map((tip) => `${tip}\n`).join('')
  await linesOf(git, { ...common, argv, input: all }, (line) => foreign.delete(line))
  if (foreign.size > 0) throw new GitError('rejected', NOT_SENT)
}

/** Moves the index last: git ignores a pack without an index. */
async function movePack(from: string, to: string): Promise<() => Promise<void>> {
  await mkdir(to, { recursive: true })
  const there = new Set(await readdir(to))
  const names = (await readdir(from)).toSorted((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')))
  for (const name of names) await rename(join(from, name), join(to, name))
  const folder = await open(to, 'r')
  await folder.sync().finally(() => folder.close())
  const added = names.filter((name) => !there.has(name)).toReversed()
  return async () => {
    for (const name of added) await rm(join(to, name), { force: true })
  }
}

/** Quotes an entry of a colon-separated list, since the path may contain colons. */
function quotedPath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
