// Reads many objects of a bare repository that Glovebox owns, with a bounded number of bytes in memory.
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { linesOf } from './lines-of.ts'
import { requireId } from './read-file.ts'

export interface ReadLimits {
  /** Bytes of one object. */
  objectBytes: number
  /** Bytes of all objects together; later objects are not read. */
  totalBytes: number
}

export interface ReadObject {
  id: string
  size: number
  /** null: the object exceeds one of the limits. Attacker-controlled bytes. */
  bytes: Uint8Array | null
}

/** Bytes in memory at once. */
const GROUP_BYTES = 16 * 1024 * 1024

/** Yields the objects in the order of `ids`, with their bytes within the limits. GitError `failed` if one is missing. */
export async function* readObjects(
  git: HostGit,
  repository: string,
  ids: readonly string[],
  limits: ReadLimits,
): AsyncGenerator<ReadObject> {
  for (const id of ids) requireId(id)
  const sizes = await sizesOf(git, repository, ids)
  let left = limits.totalBytes
  let group: { id: string; size: number }[] = []
  let held = 0
  for (const id of ids) {
    const size = sizes.get(id)!
    if (size > limits.objectBytes || size > left) {
      yield { id, size, bytes: null }
      continue
    }
    left -= size
    if (held + size > GROUP_BYTES) {
      yield* readGroup(git, repository, group)
      group = []
      held = 0
    }
    group.push({ id, size })
    held += size
  }
  yield* readGroup(git, repository, group)
}

async function sizesOf(git: HostGit, repository: string, ids: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  if (ids.length === 0) return sizes
  const argv = ['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer']
  await linesOf(git, { gitDir: repository, argv, input: ids.map((id) => `${id}\n`).join('') }, (line) => {
    const [id = '', size = ''] = line.split(' ')
    if (!/^\d+$/.test(size)) throw new GitError('failed', `${id} can't be read: ${size}`)
    sizes.set(id, Number(size))
  })
  return sizes
}

/** git prints `<id> SP <type> SP <size> LF <bytes> LF` for each object. */
async function* readGroup(
  git: HostGit,
  repository: string,
  group: readonly { id: string; size: number }[],
): AsyncGenerator<ReadObject> {
  if (group.length === 0) return
  const input = group.map(({ id }) => `${id}\n`).join('')
  const maxOutput = group.reduce((sum, { size }) => sum + size + 128, 0)
  const { stdout } = await git.run({ gitDir: repository, argv: ['cat-file', '--batch', '--buffer'], input, maxOutput })
  let at = 0
  for (const { id, size } of group) {
    const end = stdout.indexOf(0x0a, at)
    if (stdout.toString('latin1', at, end).split(' ')[0] !== id)
      throw new GitError('failed', `git did not return the object ${id}`)
    yield { id, size, bytes: stdout.subarray(end + 1, end + 1 + size) }
    at = end + 1 + size + 1
  }
}
