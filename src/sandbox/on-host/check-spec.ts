import { isAbsolute, normalize } from 'node:path'
import { SandboxError } from '../types.ts'
import type { Endpoint, LocalSpec, SandboxSpec } from '../types.ts'
import { readSetting } from './read-setting.ts'

/** Forbidden targets: folders of the host, folders that the kernel or the provider creates, and the workspace. */
const RESERVED = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/proc', '/dev', '/sys', '/workspace']
const OWN = ['/run/glovebox/guest', '/run/glovebox/link.sock', '/run/glovebox/gateway.sock']
const MAX_ENV_BYTES = 512 * 1024
const MAX_ENV_VALUE_BYTES = 96 * 1024
const MAX_ENTRIES = 256

/** Kernel settings that bound the processes and threads of the whole machine. */
const MACHINE_BOUNDS = ['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max']
/** A run may have one part in this many; the rest is for other runs and the machine itself. */
const PART_OF_MACHINE = 4

/**
 * Refuses an ambiguous or unsafe spec, and one for another machine. The platform builds the spec, but parts of it come from
 * tasks. `setting` reads a file of /proc and returns null if this kernel does not have it.
 */
export function checkSpec(spec: SandboxSpec, setting = readSetting): asserts spec is LocalSpec {
  refuseUnless(/^[0-9a-z][0-9a-z-]{0,63}$/.test(spec.run), `run id ${JSON.stringify(spec.run)}`)
  refuseUnless(isPlainPath(spec.directory) && spec.directory !== '/', 'directory')
  for (const endpoint of [spec.gateway, spec.link]) checkEndpoint(endpoint)
  refuseUnless(Number.isInteger(spec.gatewayPort) && spec.gatewayPort > 0 && spec.gatewayPort < 65_536, 'gateway port')
  const { memoryBytes, processes, workspaceBytes } = spec.limits
  const limits = [memoryBytes, processes, workspaceBytes]
  refuseUnless(
    limits.every((limit) => Number.isSafeInteger(limit) && limit > 0),
    'limit: not a positive whole number',
  )
  const most = Math.floor(
    Math.min(...MACHINE_BOUNDS.map((path) => Number(setting(path) ?? Infinity))) / PART_OF_MACHINE,
  )
  refuseUnless(
    processes <= most,
    `limit of ${processes} processes is above ${most}, a quarter of the machine's own limit (${MACHINE_BOUNDS.join(', ')}): lower limits.processes, or raise these settings`,
  )
  refuseUnless(
    spec.files.length + spec.readOnlyMounts.length <= MAX_ENTRIES,
    `more than ${MAX_ENTRIES} files and mounts`,
  )
  const targets = [...spec.files, ...spec.readOnlyMounts].map(({ target }) => target)
  for (const target of targets) refuseUnless(isFreeTarget(target), `target ${JSON.stringify(target)}`)
  refuseUnless(new Set(targets).size === targets.length, 'target that is named twice')
  for (const { source } of spec.readOnlyMounts) refuseUnless(isPlainPath(source), `source ${JSON.stringify(source)}`)
  checkEnvironment(spec.env)
}

function checkEndpoint(endpoint: Endpoint): void {
  if (endpoint.kind !== 'unix')
    throw new SandboxError(
      'bad-spec',
      `sandbox spec refused: a sandbox on this machine takes no ${endpoint.kind} endpoint`,
    )
  refuseUnless(isPlainPath(endpoint.path), 'socket path')
}

function checkEnvironment(env: Readonly<Record<string, string>>): void {
  let total = 0
  for (const [name, value] of Object.entries(env)) {
    refuseUnless(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name), `variable name ${JSON.stringify(name)}`)
    const bytes = Buffer.byteLength(value)
    refuseUnless(bytes <= MAX_ENV_VALUE_BYTES && !value.includes('\0'), `value of ${name}`)
    total += name.length + bytes
  }
  refuseUnless(total <= MAX_ENV_BYTES, `environment over ${MAX_ENV_BYTES} bytes`)
}

function isPlainPath(path: string): boolean {
  return isAbsolute(path) && normalize(path) === path && !path.includes('\0') && path.length < 4096
}

function isFreeTarget(target: string): boolean {
  if (!isPlainPath(target) || target.endsWith('/')) return false
  const below = (folder: string) => target === folder || target.startsWith(`${folder}/`)
  return ![...RESERVED, ...OWN].some(below) && !OWN.some((own) => own.startsWith(`${target}/`))
}

function refuseUnless(condition: boolean, what: string): void {
  if (!condition) throw new SandboxError('bad-spec', `sandbox spec refused: ${what}`)
}
