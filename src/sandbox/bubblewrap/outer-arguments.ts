// Options of the program in front of bwrap (guest/stage/stage.c): limits before the first process, and, as root, another
// uid.
import type { Sources } from '../on-host/prepare-directory.ts'

/** A tmpfs goes over one of these, in a mount namespace of this sandbox alone. */
export const STAGING_PLACES = ['/mnt', '/run', '/tmp'] as const

/**
 * Started as root, the sandbox's own uid can't walk to a data folder below root's home (mode 700). So root first binds
 * every source to a place that it can reach, in a private mount namespace; only then the uid changes, and bwrap, which
 * has no privilege left, takes its sources from there.
 *
 * The program becomes bwrap by exec, so that bwrap is a child of Glovebox itself: the kernel lets a dying
 * parent send its parent-death signal only where it may signal the child, and a helper in between that gave up its
 * privilege may not signal another uid. The sandbox would outlive a Glovebox that was killed.
 */
export function stageOptions(hostUid: number, sources: Sources): { options: string[]; sources: Sources } {
  const { workspace, guest, linkSocket, gatewaySocket, filesFolder, mounts } = sources
  const all = [workspace, guest, linkSocket, gatewaySocket, filesFolder, ...mounts.map(({ source }) => source)]
  const place = STAGING_PLACES.find((path) => !all.some((source) => source.startsWith(`${path}/`)))
  if (place === undefined) throw new Error(`sources lie below each of ${STAGING_PLACES.join(', ')}`)
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

/** Options that join the cgroups and bound the size of a single file, in bytes. */
export function limitOptions(cgroups: readonly string[], fileBytes: number): string[] {
  return ['--file-size', String(fileBytes), ...cgroups.flatMap((cgroup) => ['--cgroup', cgroup])]
}
