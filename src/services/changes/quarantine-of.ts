// The quarantine repository of a change. The store also keeps its commits as a pack. If the folder is missing, because
// it was removed to save space or lies on another machine, it is recreated from the mirror and the pack.
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Change } from '../../domain/change.ts'
import { PUSH_BRANCH } from '../../domain/run.ts'
import { readPack } from '../../git/pack.ts'
import { createQuarantine, setBranch } from '../../git/quarantine.ts'
import { mirrorOf } from '../../runner/plan/find-source.ts'
import type { ServiceParts } from '../parts.ts'
import { removedContents } from '../retention/removed-contents.ts'

type Parts = Pick<ServiceParts, 'git' | 'store' | 'quarantines' | 'mirrors'>

/** Rejects when both the folder and the pack are missing. */
export async function quarantineOf(parts: Parts, change: Change): Promise<string> {
  const path = join(parts.quarantines, `${change.run}.git`)
  if (await exists(path)) return path
  return parts.git.exclusive(path, async () => {
    if (!(await exists(path))) await makeAgain(parts, change, path)
    return path
  })
}

async function makeAgain({ git, store, mirrors }: Parts, change: Change, path: string): Promise<void> {
  const { repository, target, base, commit, pack } = change
  const blob = pack === null ? null : await store.blobs.open(pack)
  const removed = blob === null ? await removedContents({ store }, change.run, `the pack of change ${change.id}`) : null
  if (removed !== null) throw removed
  if (blob === null) throw new Error(`the commits of change ${change.id} are neither in quarantine nor in the store`)
  const partial = `${path}.partial`
  await rm(partial, { recursive: true, force: true })
  await createQuarantine(git, {
    path: partial,
    mirror: mirrorOf({ mirrors }, repository),
    branch: target,
    commit: base,
  })
  await readPack(git, partial, Readable.from(blob.stream()))
  await setBranch(git, partial, { branch: PUSH_BRANCH, commit })
  await rename(partial, path)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
