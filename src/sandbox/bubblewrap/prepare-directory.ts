import { chmodSync, chownSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../types.ts'
import type { SandboxSpec } from '../types.ts'
import type { Sources } from './bwrap-arguments.ts'
import { SYNTHETIC_FILES } from './synthetic-files.ts'

export function workspacePath(directory: string): string {
  return join(directory, 'workspace')
}

/** Fills the claimed folder and gives the sandbox's uid what it must own. */
export function prepareDirectory(spec: SandboxSpec, guest: string, hostUid: number, dedicatedUid: boolean): Sources {
  const workspace = workspacePath(spec.directory)
  const folder = join(spec.directory, 'files')
  // The sandbox's uid must get through to the files in it.
  mkdirSync(folder)
  chmodSync(folder, 0o711)
  if (dedicatedUid) chownSync(workspace, hostUid, hostUid)
  for (const socket of [spec.linkSocket, spec.gatewaySocket]) admitToSocket(socket, hostUid, dedicatedUid)
  const given = new Set([...spec.files, ...spec.readOnlyMounts].map(({ target }) => target))
  const made = SYNTHETIC_FILES.filter(({ target }) => !given.has(target))
  const files = [...made, ...spec.files].map(({ target, content }, index) => {
    const path = join(folder, String(index))
    writeFileSync(path, content, { flag: 'wx' })
    chmodSync(path, 0o444)
    return { source: String(index), target }
  })
  const { linkSocket, gatewaySocket, readOnlyMounts: mounts } = spec
  return { workspace, guest, linkSocket, gatewaySocket, mounts, filesFolder: folder, files }
}

function admitToSocket(path: string, uid: number, dedicatedUid: boolean): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket())
    throw new SandboxError('bad-spec', `${path} is not a listening socket`)
  if (dedicatedUid) chownSync(path, uid, uid)
  chmodSync(path, 0o600)
}
