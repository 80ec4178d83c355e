import type { ByteReader } from './byte-reader.ts'
import { LinkError } from './link-error.ts'

/** How a process ended: a flag (1: by a signal) and the code or the signal's number. */
export function decodeEnd(from: ByteReader): { code: number | null; signal: number | null } {
  const signalled = flag(from)
  const status = from.u32()
  if (status > (signalled ? 127 : 255))
    throw new LinkError('protocol', `the guest sent an impossible exit status ${status}`)
  return signalled ? { code: null, signal: status } : { code: status, signal: null }
}

export function flag(from: ByteReader): boolean {
  const value = from.u8()
  if (value > 1) throw new LinkError('protocol', `the guest sent ${value} where yes or no is expected`)
  return value === 1
}
