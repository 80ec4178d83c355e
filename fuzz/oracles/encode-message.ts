// Independent encoder of the guest's messages after guest/PROTOCOL.md, the oracle for the decoder.
import { ByteWriter } from '../../src/sandbox/link/byte-writer.ts'
import type { GuestMessage } from '../../src/sandbox/link/decode-message.ts'
import type { GuestReport } from '../../src/sandbox/types.ts'

const ENDS = ['complete', 'absent', 'too-large', 'not-regular', 'unreadable']
const FAMILIES = ['', 'unix', 'inet', 'inet6', 'other']

/**
 * All payloads that decode to this message: two if the last argument of a process may have been cut off, none if the
 * decoder loses information (invalid UTF-8, impossible times).
 */
export function encodeMessage(message: GuestMessage): Buffer[] {
  if (timesOf(message).some((ms) => ms > 1e12)) return []
  const payloads = message.kind === 'report' ? ['\0', ''] : ['']
  return payloads.map((end) => encode(message, end)).filter((payload) => payload !== null)
}

function encode(message: GuestMessage, end: string): Buffer | null {
  const to = new ByteWriter()
  const texts: string[] = []
  const text = (value: string): void => {
    texts.push(value)
    to.bytes(Buffer.from(value))
  }
  if (message.kind === 'hello') {
    to.raw(Buffer.from('GLVB')).u16(3)
    text(message.version)
  } else if (message.kind === 'output') {
    to.u32(message.step)
      .u8(message.stream === 'stdout' ? 1 : 2)
      .bytes(message.bytes)
  } else if (message.kind === 'report') {
    if (!writeReport(to, message.report, end)) return null
  } else if (message.kind === 'step-ended') {
    const { result } = message
    writeEnd(to.u32(message.step), result)
    to.u64(micro(result.wallMs)).u64(result.stdoutBytes).u64(result.stderrBytes).u64(result.outputOmitted)
  } else if (message.kind === 'step-failed') {
    to.u32(message.step)
    text(message.detail)
  } else if (message.kind === 'input-taken') {
    to.u32(message.step)
      .u32(message.bytes)
      .u8(message.closed ? 1 : 0)
  } else if (message.kind === 'marked') {
    to.u32(message.step)
  } else if (message.kind === 'checks') {
    to.u16(message.checks.length)
    for (const { check, passed, detail } of message.checks) {
      text(check)
      to.u8(passed ? 1 : 0)
      text(detail)
    }
  } else if (message.kind === 'file-data') {
    to.raw(message.bytes)
  } else if (message.kind === 'file-end') {
    to.u8(ENDS.indexOf(message.end))
  } else if (message.kind === 'coverage') {
    const { mechanism, dropped, complete, blindSpots } = message.coverage
    text(mechanism)
    to.u64(dropped)
      .u8(complete ? 1 : 0)
      .u16(blindSpots.length)
    for (const spot of blindSpots) text(spot)
  } else {
    return null
  }
  // TextDecoder removes a byte order mark and replaces invalid UTF-8 by U+FFFD.
  return texts.some((value) => value.includes('\ufffd')) ? null : Buffer.from(to.finish())
}

function writeReport(to: ByteWriter, report: GuestReport, end: string): boolean {
  to.u32(report.step).u32(report.pid)
  if (report.kind === 'process.started') {
    const last = report.argv.length - 1
    const argv = Buffer.concat(
      report.argv.map((argument, at) => Buffer.concat([argument, Buffer.from(at === last ? end : '\0')])),
    )
    to.u32(report.parent)
      .u8(report.origin === 'exec' ? 1 : 2)
      .u32(report.argvOmitted)
    to.bytes(argv).bytes(report.cwd).bytes(report.executable)
    to.bytes(report.executableSha256 ?? new Uint8Array())
  } else if (report.kind === 'process.exited') {
    writeEnd(to, report)
    to.u64(micro(report.wallMs)).u64(micro(report.cpuMs)).u64(report.maxRssBytes)
  } else if (report.kind === 'net.attempted') {
    to.u8(FAMILIES.indexOf(report.family)).u16(report.port).u32(report.times).bytes(report.address)
  } else if (report.kind === 'file.accessed') {
    const { read, written, created, removed, renamed, attempted } = report
    const lists = [read, written, created, removed]
    to.u32(report.omitted).u32(lists.flat().length + renamed.length + attempted.length)
    lists.forEach((paths, at) => paths.forEach((path) => to.u8(at + 1).bytes(path)))
    for (const { from, to: target } of renamed) to.u8(5).bytes(from).bytes(target)
    for (const path of attempted) to.u8(6).bytes(path)
  } else if (report.kind === 'file.hashed') {
    to.u32(report.omitted).u32(report.files.length)
    for (const { path, bytes, sha256 } of report.files) to.bytes(path).u64(bytes).raw(sha256)
  } else {
    return false
  }
  return true
}

function writeEnd(to: ByteWriter, { code, signal }: { code: number | null; signal: number | null }): void {
  to.u8(signal === null ? 0 : 1).u32(signal ?? code ?? 0)
}

/** Converts milliseconds back to whole microseconds, which is exact for up to thirty years. */
function micro(ms: number): number {
  return Math.round(ms * 1000)
}

function timesOf(message: GuestMessage): number[] {
  if (message.kind === 'step-ended') return [message.result.wallMs]
  if (message.kind !== 'report' || message.report.kind !== 'process.exited') return []
  return [message.report.wallMs, message.report.cpuMs]
}
