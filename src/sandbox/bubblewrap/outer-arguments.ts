// Options of the program in front of bwrap (guest/stage/stage.c). It sets limits before the sandbox's first process
// and, as root, changes to another uid.
import type { Sources } from '../on-host/prepare-directory.ts'

/** Folders, one of which is covered by a tmpfs in a mount namespace of this sandbox alone. */
export const STAGING_PLACES = ['/mnt', '/run', '/tmp'] as const

/**
 * The sandbox's own uid can't reach a data folder below root's home (mode 700). So the program, as root, first binds
 * every source to a reachable path in a private mount namespace. Only then does it change its uid and start bwrap,
 * which has no privilege left and takes its sources from there.
 *
 * The program becomes bwrap by exec, so that bwrap is a direct child of Glovebox. The kernel delivers a parent-death
 * signal only if the dying parent may signal the child. A helper in between that gave up its privilege may not signal
 * another uid, so the sandbox would outlive a killed Glovebox.
 */
export function stageOptions(hostUid: number, sources: Sources): { options: string[]; sources: Sources } {
  const { workspace, guest, linkSocket, gatewaySocket, filesFolder, mounts } = sources
  const all = [workspace, guest, linkSocket, gatewaySocket, filesFolder, ...mounts.map(({ source }) => source)]
  const place = STAGING_PLACES.find((path) => !all.some((source) => source.startsWith(`${path}/`)))
  if (place === undefined)
    throw new Error(`no staging folder is free: sources of the sandbox lie below each of ${STAGING_PLACES.join(', ')}`)
  const staged = new Map(all.map((source, index) => [source, `${place}/${index}`]))
  const at = (source: string) => staged.get(source)!
  const binds = [...staged].flatMap(([source, target]) => ['--bind', source, target])
  return {
    options: ['--uid', String(hostUid), place, ...binds],
    sources: {
      workspace: at(workspace),
      guest: at(guest),
      linkSocket: at(linkSocket),
      gatewaySocket: at(gatewaySocket),
      filesFolder: at(filesFolder),
      ownFilesFolder: sources.ownFilesFolder,
      files: sources.files,
      mounts: mounts.map(({ source, target }) => ({ source: at(source), target })),
    },
  }
}

/** Options that make the program join the cgroups and that bound the size of each file, in bytes. */
export function limitOptions(cgroups: readonly string[], fileBytes: number): string[] {
  return ['--file-size', String(fileBytes), ...cgroups.flatMap((cgroup) => ['--cgroup', cgroup])]
}
