// The state of the host that an attempt must not change, and the leftovers that it must not leave.
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Folders in which everybody, or a service, may create files. */
const SHARED_FOLDERS = ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue', '/run', '/run/lock', '/mnt', '/var/crash', '/']
const SETTINGS = [
  ...['core_pattern', 'modprobe', 'hostname', 'domainname', 'randomize_va_space', 'sysrq', 'printk'],
  ...['pid_max', 'sem', 'shmmax', 'shmall', 'msgmax', 'msgmni', '../fs/mqueue/msg_max'],
]
/** Other services of this machine mount and unmount there all the time. */
const FOREIGN_MOUNTS =
  /\/(docker|containers|containerd|netns|overlay2?|overlayfs)(\/|$)|^\/run\/user\/|\/glovebox-image-/

export interface HostState {
  settings: Record<string, string>
  hostname: string
  mountPoints: string[]
  /** Path to its description, for everything below the named folders. */
  files: Record<string, string>
}

export function hostState(folders: readonly string[]): HostState {
  return {
    settings: Object.fromEntries(SETTINGS.map((name) => [name, readOptional(`/proc/sys/kernel/${name}`)])),
    hostname: hostname(),
    mountPoints: mountPoints(),
    files: Object.fromEntries(folders.flatMap((folder) => describe(folder))),
  }
}

/** Names each thing that a run's user id still has on the host. */
export function leftovers(run: string, hostUid: number, sandboxFolder: string): string[] {
  return [
    ...processesOfUid(hostUid).map((pid) => `process ${pid} of uid ${hostUid} lives`),
    ...(existsSync(sandboxFolder) ? [`${sandboxFolder} is still there`] : []),
    ...cgroupsOf(run).map((path) => `${path} is still there`),
    ...SHARED_FOLDERS.flatMap((folder) => ownedBy(hostUid, folder)).map((path) => `${path} was left`),
    ...['shm', 'msg', 'sem'].flatMap((kind) => ipcObjects(kind, hostUid)),
    ...(existsSync(`/run/glovebox/uids/${hostUid}`) ? [`the uid ${hostUid} is still taken`] : []),
  ]
}

/** Does not use the code under test, which has to end them. Skips zombies, which only wait for their parent. */
function processesOfUid(uid: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    const status = readOptional(`/proc/${pid}/status`)
    const ids = /\nUid:\t(.*)\n/.exec(status)?.[1]?.split('\t') ?? []
    return ids.includes(String(uid)) && !/\nState:\t[ZX]/.test(status)
  })
}

function describe(path: string): [string, string][] {
  const info = lstatSync(path, { throwIfNoEntry: false })
  if (!info) return []
  const own: [string, string] = [path, `${info.mode.toString(8)} ${info.uid}:${info.gid} ${contentOf(path, info)}`]
  if (!info.isDirectory()) return [own]
  return [own, ...readdirSync(path).flatMap((name) => describe(join(path, name)))]
}

function contentOf(path: string, info: ReturnType<typeof lstatSync> & object): string {
  if (info.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  if (!info.isFile()) return ''
  if (info.size > 1024 ** 2) return `${info.size} bytes of ${info.mtimeMs}`
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function mountPoints(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n')
  return lines
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => !FOREIGN_MOUNTS.test(path))
    .toSorted()
}

function cgroupsOf(run: string): string[] {
  const hierarchies = readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return ['', ...hierarchies.map(({ name }) => name)]
    .map((name) => join('/sys/fs/cgroup', name, `glovebox-${run}`))
    .filter((path) => existsSync(path))
}

function ownedBy(uid: number, folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === uid)
}

/** System V objects in the host's namespace. The columns differ by kind; each kind has the owner. */
function ipcObjects(kind: string, uid: number): string[] {
  const lines = readOptional(`/proc/sysvipc/${kind}`).trimEnd().split('\n').slice(1)
  return lines
    .filter((line) => line.trim().split(/\s+/).includes(String(uid)))
    .map((line) => `${kind} ${line} was left`)
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
