import { chmodSync, chownSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../types.ts'
import type { LocalSpec, Mount, SandboxFile } from '../types.ts'
import type { SandboxRecord } from './sandbox-record.ts'

/** Host paths of the files and mounts that a sandbox gets. */
export interface Sources {
  workspace: string
  guest: string
  linkSocket: string
  gatewaySocket: string
  mounts: readonly Mount[]
  /** Folder with the files of the spec and the synthetic files, under the names that `files` gives as their sources. */
  filesFolder: string
  /** The same folder, by the path that Glovebox itself uses. */
  ownFilesFolder: string
  files: readonly Mount[]
}

export function workspacePath(directory: string): string {
  return join(directory, 'workspace')
}

/**
 * Fills the claimed folder and makes the sandbox's uid the owner of the parts that it must own. `made` are synthetic
 * files that describe the machine; a file of the spec with the same target replaces one.
 */
export function prepareDirectory(
  spec: LocalSpec,
  guest: string,
  { hostUid, uidLock }: Pick<SandboxRecord, 'hostUid' | 'uidLock'>,
  made: readonly SandboxFile[],
): Sources {
  const dedicatedUid = uidLock !== null
  const workspace = workspacePath(spec.directory)
  const folder = join(spec.directory, 'files')
  // The sandbox's uid must be able to enter the folder.
  mkdirSync(folder)
  chmodSync(folder, 0o711)
  if (dedicatedUid) chownSync(workspace, hostUid, hostUid)
  for (const { path } of [spec.link, spec.gateway]) admitToSocket(path, hostUid, dedicatedUid)
  const given = new Set([...spec.files, ...spec.readOnlyMounts].map(({ target }) => target))
  const ours = made.filter(({ target }) => !given.has(target))
  const files = [...ours, ...spec.files].map(({ target, content }, index) => {
    const path = join(folder, String(index))
    writeFileSync(path, content, { flag: 'wx' })
    chmodSync(path, 0o444)
    return { source: String(index), target }
  })
  const sockets = { linkSocket: spec.link.path, gatewaySocket: spec.gateway.path }
  const { readOnlyMounts: mounts } = spec
  return { workspace, guest, ...sockets, mounts, filesFolder: folder, ownFilesFolder: folder, files }
}

function admitToSocket(path: string, uid: number, dedicatedUid: boolean): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket())
    throw new SandboxError('bad-spec', `${path} is not a listening socket`)
  if (dedicatedUid) chownSync(path, uid, uid)
  chmodSync(path, 0o600)
}
