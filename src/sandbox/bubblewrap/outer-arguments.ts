// The two layers around bwrap: limits before the first process, and, as root, another uid.
import type { Sources } from '../on-host/prepare-directory.ts'

/** A tmpfs goes over one of these, in a mount namespace of this sandbox alone. */
export const STAGING_PLACES = ['/mnt', '/run', '/tmp'] as const

/**
 * Started as root, the sandbox's own uid can't walk to a data folder below root's home (mode 700). So root first binds
 * every source to a place that it can reach, in a private mount namespace; only then the uid changes, and bwrap, which
 * has no privilege left, takes its sources from there. The program is guest/stage/stage.c.
 *
 * Each program becomes the next one by exec, so that bwrap is a child of Glovebox itself: the kernel lets a dying
 * parent send its parent-death signal only where it may signal the child, and a helper in between that gave up its
 * privilege may not signal another uid. The sandbox would outlive a Glovebox that was killed.
 */
export function stagedArguments(
  stage: string,
  hostUid: number,
  sources: Sources,
): { argv: string[]; sources: Sources } {
  const { workspace, guest, linkSocket, gatewaySocket, filesFolder, mounts } = sources
  const all = [workspace, guest, linkSocket, gatewaySocket, filesFolder, ...mounts.map(({ source }) => source)]
  const place = STAGING_PLACES.find((path) => !all.some((source) => source.startsWith(`${path}/`)))
  if (place === undefined) throw new Error(`sources lie below each of ${STAGING_PLACES.join(', ')}`)
  const staged = new Map(all.map((source, index) => [source, `${place}/${index}`]))
  const at = (source: string) => staged.get(source)!
  const argv = [stage, place, String(hostUid), ...[...staged].flat(), '--']
  return {
    argv,
    sources: {
      workspace: at(workspace),
      guest: at(guest),
      linkSocket: at(linkSocket),
      gatewaySocket: at(gatewaySocket),
      filesFolder: at(filesFolder),
      files: sources.files,
      mounts: mounts.map(({ source, target }) => ({ source: at(source), target })),
    },
  }
}

// Open files are bounded because what a removed one holds is found by looking at all of them (held-files.ts).
// `echo 0` moves the shell itself, before anything of the run exists. A cgroup that can't be joined ends the start.
const JOIN = `ulimit -c 0
ulimit -f "$1" 2>/dev/null
files=$(ulimit -Hn)
if [ "$files" = unlimited ] || [ "$files" -gt 65536 ]; then ulimit -Hn 65536; fi
shift
while [ "$1" != -- ]; do
  echo 0 > "$1/cgroup.procs" || exit 125
  shift
done
shift
exec "$@"`

/** argv that joins the cgroups, bounds the size of a single file and then becomes the command. */
export function limitedArguments(cgroups: readonly string[], fileBytes: number): string[] {
  return ['/bin/sh', '-c', JOIN, 'sh', String(Math.ceil(fileBytes / 512)), ...cgroups, '--']
}
