import type { GuestReport } from '../types.ts'
import type { ByteReader } from './byte-reader.ts'
import { decodeEnd } from './decode-end.ts'
import { LinkError } from './link-error.ts'

const MAX_RESOLVED_PATH = 2 * 4096
/** Bytes. Bounded, because splitting argv into arguments may cost a hundred bytes for each byte. */
const MAX_ARGV = 256 * 1024
const MAX_ADDRESS = 128
const SHA256_BYTES = 32
const FAMILIES = ['unix', 'inet', 'inet6', 'other'] as const

export function decodeStarted(from: ByteReader): GuestReport {
  const step = from.u32()
  const pid = decodePid(from)
  const parent = from.u32()
  const origin = from.u8()
  if (origin !== 1 && origin !== 2) throw new LinkError('protocol', `the guest sent the unknown origin ${origin}`)
  const argvOmitted = from.u32()
  const argv = splitArguments(from.bytes(MAX_ARGV))
  const cwd = from.bytes(MAX_RESOLVED_PATH)
  const executable = from.bytes(MAX_RESOLVED_PATH)
  const digest = from.bytes(SHA256_BYTES)
  if (digest.length !== 0 && digest.length !== SHA256_BYTES)
    throw new LinkError('protocol', `the guest sent a digest of ${digest.length} bytes`)
  return {
    kind: 'process.started',
    step,
    pid,
    parent,
    origin: origin === 1 ? 'exec' : 'fork',
    argv,
    argvOmitted,
    cwd,
    executable,
    executableSha256: digest.length === 0 ? null : digest,
  }
}

export function decodeExited(from: ByteReader): GuestReport {
  const step = from.u32()
  const pid = decodePid(from)
  const end = decodeEnd(from)
  const wallMs = from.u64() / 1000
  const cpuMs = from.u64() / 1000
  return { kind: 'process.exited', step, pid, ...end, wallMs, cpuMs, maxRssBytes: from.u64() }
}

export function decodeFiles(from: ByteReader): GuestReport {
  const step = from.u32()
  const pid = decodePid(from)
  const omitted = from.u32()
  const count = from.u32()
  const lists = {
    read: [] as Uint8Array[],
    written: [] as Uint8Array[],
    created: [] as Uint8Array[],
    removed: [] as Uint8Array[],
    attempted: [] as Uint8Array[],
  }
  const renamed: { from: Uint8Array; to: Uint8Array }[] = []
  const linked: { from: Uint8Array; to: Uint8Array }[] = []
  for (let i = 0; i < count; i++) {
    const kind = from.u8()
    const path = from.bytes(MAX_RESOLVED_PATH)
    if (kind === 1) lists.read.push(path)
    else if (kind === 2) lists.written.push(path)
    else if (kind === 3) lists.created.push(path)
    else if (kind === 4) lists.removed.push(path)
    else if (kind === 5) renamed.push({ from: path, to: from.bytes(MAX_RESOLVED_PATH) })
    else if (kind === 6) lists.attempted.push(path)
    else if (kind === 7) linked.push({ from: path, to: from.bytes(MAX_RESOLVED_PATH) })
    else throw new LinkError('protocol', `the guest sent the unknown kind of access ${kind}`)
  }
  return { kind: 'file.accessed', step, pid, ...lists, renamed, ...(linked.length > 0 ? { linked } : {}), omitted }
}

export function decodeDigests(from: ByteReader): GuestReport {
  const step = from.u32()
  const pid = decodePid(from)
  const omitted = from.u32()
  const count = from.u32()
  const files: { path: Uint8Array; bytes: number; sha256: Uint8Array }[] = []
  for (let i = 0; i < count; i++)
    files.push({ path: from.bytes(MAX_RESOLVED_PATH), bytes: from.u64(), sha256: from.raw(SHA256_BYTES) })
  return { kind: 'file.hashed', step, pid, files, omitted }
}

export function decodeNet(from: ByteReader): GuestReport {
  const step = from.u32()
  const pid = decodePid(from)
  const family = FAMILIES[from.u8() - 1]
  if (family === undefined) throw new LinkError('protocol', 'the guest sent an unknown address family')
  const port = from.u16()
  const times = from.u32()
  return { kind: 'net.attempted', step, pid, family, address: from.bytes(MAX_ADDRESS), port, times }
}

function decodePid(from: ByteReader): number {
  const pid = from.u32()
  if (pid === 0 || pid > 0x7fff_ffff) throw new LinkError('protocol', `the guest sent the impossible process id ${pid}`)
  return pid
}

/** Each argument ends in NUL; one that was cut off at the limit does not. */
function splitArguments(joined: Uint8Array): Uint8Array[] {
  const list: Uint8Array[] = []
  let start = 0
  while (start < joined.length) {
    const end = joined.indexOf(0, start)
    list.push(joined.subarray(start, end === -1 ? joined.length : end))
    start = end === -1 ? joined.length : end + 1
  }
  return list
}
