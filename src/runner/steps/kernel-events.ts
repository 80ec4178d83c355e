// Conversion of guest reports to events: bytes become text without loss, long lists are split, a long argv becomes a
// blob.
import { byteText } from '../../domain/byte-text.ts'
import type { ByteText } from '../../domain/byte-text.ts'
import type { GuestReport } from '../../sandbox/types.ts'
import type { BlobStore } from '../../store/types.ts'
import type { KernelEvent } from '../run-record.ts'
import { recordedArgv } from './recorded-argv.ts'

/** Well below MAX_LEAF_BYTES, because in JSON bytes grow by a third and each text by its quotes (see byteText). */
const MAX_PATH_BYTES_PER_EVENT = 24 * 1024

const PATH_LISTS = ['read', 'written', 'created', 'removed', 'attempted'] as const

type FileHashed = Extract<GuestReport, { kind: 'file.hashed' }>
type FileAccessed = Extract<GuestReport, { kind: 'file.accessed' }>
type ProcessStarted = Extract<GuestReport, { kind: 'process.started' }>

export async function kernelEvents(report: GuestReport, blobs: BlobStore): Promise<KernelEvent[]> {
  switch (report.kind) {
    case 'process.started':
      return [await processStarted(report, blobs)]
    case 'process.exited': {
      const { pid, code, signal, wallMs, cpuMs, maxRssBytes } = report
      return [{ kind: 'process.exited', body: { pid, code, signal, wallMs, cpuMs, maxRssBytes } }]
    }
    case 'file.accessed':
      return fileAccessed(report)
    case 'file.hashed':
      return fileHashed(report)
    case 'net.attempted': {
      const { pid, family, address, port, times } = report
      return [{ kind: 'net.attempted', body: { pid, family, address: boundedText(address), port, times } }]
    }
  }
}

async function processStarted(report: ProcessStarted, blobs: BlobStore): Promise<KernelEvent> {
  const { pid, parent, step, origin } = report
  const common = {
    pid,
    parent,
    step,
    origin,
    cwd: boundedText(report.cwd),
    executable: boundedText(report.executable),
    executableDigest: report.executableSha256 === null ? null : digestText(report.executableSha256),
  }
  const { argvOmitted, ...kept } = await recordedArgv(report.argv, blobs)
  return { kind: 'process.started', body: { ...common, ...kept, argvOmitted: report.argvOmitted + argvOmitted } }
}

type Entry =
  | { list: (typeof PATH_LISTS)[number]; path: Uint8Array }
  | { list: 'renamed' | 'linked'; from: Uint8Array; to: Uint8Array }

function fileAccessed(report: FileAccessed): KernelEvent[] {
  const chunks: Entry[][] = []
  let room = 0
  for (const entry of entriesOf(report)) {
    const size = 'from' in entry ? entry.from.length + entry.to.length : entry.path.length
    const last = chunks.at(-1)
    if (last && size + 24 <= room) {
      last.push(entry)
      room -= size + 24
    } else {
      chunks.push([entry])
      room = MAX_PATH_BYTES_PER_EVENT - size - 24
    }
  }
  if (chunks.length === 0 && report.omitted > 0) chunks.push([])
  return chunks.map((entries, index) => ({
    kind: 'file.accessed',
    body: fileBody(report, entries, index === chunks.length - 1),
  }))
}

function entriesOf(report: FileAccessed): Entry[] {
  const paths = PATH_LISTS.flatMap((list) => report[list].map((path): Entry => ({ list, path })))
  const linked = (report.linked ?? []).map((link): Entry => ({ list: 'linked', ...link }))
  return [...paths, ...report.renamed.map((move): Entry => ({ list: 'renamed', ...move })), ...linked]
}

function fileBody(
  report: FileAccessed,
  entries: readonly Entry[],
  last: boolean,
): Extract<KernelEvent, { kind: 'file.accessed' }>['body'] {
  const body: Extract<KernelEvent, { kind: 'file.accessed' }>['body'] = {
    pid: report.pid,
    read: [],
    written: [],
    created: [],
    removed: [],
    renamed: [],
    attempted: [],
    omitted: last ? report.omitted : 0,
  }
  for (const entry of entries) {
    if ('from' in entry) {
      const pair = { from: boundedText(entry.from), to: boundedText(entry.to) }
      if (entry.list === 'renamed') body.renamed.push(pair)
      else (body.linked ??= []).push(pair)
    } else body[entry.list].push(boundedText(entry.path))
  }
  return body
}

function fileHashed({ pid, files, omitted }: FileHashed): KernelEvent[] {
  const chunks: FileHashed['files'][number][][] = []
  let room = 0
  for (const file of files) {
    const size = file.path.length + 120
    const last = chunks.at(-1)
    if (last && size <= room) {
      last.push(file)
      room -= size
    } else {
      chunks.push([file])
      room = MAX_PATH_BYTES_PER_EVENT - size
    }
  }
  if (chunks.length === 0 && omitted > 0) chunks.push([])
  return chunks.map((chunk, index) => ({
    kind: 'file.hashed',
    body: {
      pid,
      files: chunk.map(({ path, bytes, sha256 }) => ({ path: boundedText(path), bytes, digest: digestText(sha256) })),
      omitted: index === chunks.length - 1 ? omitted : 0,
    },
  }))
}

function digestText(sha256: Uint8Array): `sha256:${string}` {
  return `sha256:${Buffer.from(sha256).toString('hex')}`
}

/** Bounds a path on the host's side, although the guest's frames allow no more than PATH_MAX (4096). */
function boundedText(bytes: Uint8Array): ByteText {
  return byteText(bytes.subarray(0, 4096))
}
