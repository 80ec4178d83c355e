// The argv of an event: whole where it is short, else its begin, with the whole kept as a blob.
import { byteText } from '../../domain/byte-text.ts'
import type { ByteText } from '../../domain/byte-text.ts'
import type { Digest } from '../../domain/events/fields.ts'
import type { BlobStore } from '../../store/types.ts'

/** Well under MAX_LEAF_BYTES, also in base64. */
const MAX_ARGV_BYTES = 8 * 1024

export interface RecordedArgv {
  argv: ByteText[]
  /** Bytes of argv that are not in `argv`, the NUL after each argument included. */
  argvOmitted: number
  /** All arguments, each followed by a NUL; absent where nothing is omitted. */
  argvBlob?: Digest
}

export async function recordedArgv(argv: readonly Uint8Array[], blobs: BlobStore): Promise<RecordedArgv> {
  const total = argv.reduce((sum, arg) => sum + arg.length + 1, 0)
  if (total <= MAX_ARGV_BYTES) return { argv: argv.map(byteText), argvOmitted: 0 }
  const { digest } = await blobs.put(joinByNul(argv))
  const { kept, keptBytes } = leadingArguments(argv)
  return { argv: kept, argvOmitted: total - keptBytes, argvBlob: digest }
}

function leadingArguments(argv: readonly Uint8Array[]): { kept: ByteText[]; keptBytes: number } {
  const kept: ByteText[] = []
  let keptBytes = 0
  for (const arg of argv) {
    const room = MAX_ARGV_BYTES - keptBytes
    if (arg.length + 1 > room) {
      if (room > 1) {
        kept.push(byteText(arg.subarray(0, room - 1)))
        keptBytes += room - 1
      }
      break
    }
    kept.push(byteText(arg))
    keptBytes += arg.length + 1
  }
  return { kept, keptBytes }
}

function joinByNul(argv: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(argv.reduce((sum, arg) => sum + arg.length + 1, 0))
  let offset = 0
  for (const arg of argv) {
    joined.set(arg, offset)
    offset += arg.length + 1
  }
  return joined
}
