// What the kernel saw inside the sandbox, as the guest reports it. `source` is `kernel`.
import { z } from 'zod'
import { ByteText } from '../byte-text.ts'
import { Count, Digest } from './fields.ts'

const Pid = z.int().positive().describe("process id in the sandbox's own pid namespace")

export const ProcessStarted = z
  .object({
    pid: Pid,
    parent: z.int().nonnegative().describe('pid of the parent; 1 is the guest'),
    step: z.int().nonnegative().describe('index of the step that the process belongs to'),
    origin: z
      .enum(['exec', 'fork'])
      .describe('exec: a program was executed; fork: a copy of its parent that never executed one'),
    argv: z.array(ByteText).describe('as the program sees it after the exec took effect'),
    argvOmitted: Count.describe('bytes of argv that were left out here; the whole is then in argvBlob, up to 256 KiB'),
    argvBlob: Digest.optional().describe('argv joined by NUL, kept whole'),
    cwd: ByteText,
    executable: ByteText.describe('path of the executed file as the kernel resolved it'),
    executableDigest: Digest.nullable().describe('of the content of the executed file; null when it could not be read'),
  })
  .describe('A program was executed, or a process forked that never executed one')

export const ProcessExited = z
  .object({
    pid: Pid,
    code: z.int().nullable().describe('exit code, null when a signal ended the process'),
    signal: z.int().nullable().describe('signal number, null when the process exited'),
    wallMs: z.number().nonnegative(),
    cpuMs: z.number().nonnegative().describe('user and system time, children it waited for included'),
    maxRssBytes: Count,
  })
  .describe('A process ended')

export const FileAccessed = z
  .object({
    pid: Pid,
    read: z.array(ByteText),
    written: z.array(ByteText),
    created: z.array(ByteText),
    removed: z.array(ByteText),
    renamed: z.array(z.object({ from: ByteText, to: ByteText })),
    linked: z
      .array(z.object({ from: ByteText, to: ByteText }))
      .optional()
      .describe('hard links: what is read or written as `to`, which is also in `created`, is the file `from`'),
    attempted: z
      .array(ByteText)
      .describe(
        'asked for, and left to the kernel, which may have opened, made or removed another file, or none; coverage is then not complete',
      ),
    omitted: Count.describe('paths that are not listed because the per-process bound was reached'),
  })
  .describe('The files that a process opened, sent when it ends; a long list is split over several events')

export const FileHashed = z
  .object({
    pid: Pid,
    files: z.array(z.object({ path: ByteText, bytes: Count, digest: Digest })),
    omitted: Count.describe('files without a digest: over 64 MiB, unreadable, or over the bounds of the process'),
  })
  .describe(
    'What the files below the workspace that a process wrote, linked or renamed held when it ended, alone or with the folder that they are in; a file that was gone by then is not listed. With the last process of a step, also files that changed after their digest was taken',
  )

export const NetAttempted = z
  .object({
    pid: Pid,
    family: z.enum(['unix', 'inet', 'inet6', 'other']),
    address: ByteText,
    port: z.int().nonnegative(),
    times: Count,
  })
  .describe('A process asked the kernel to connect somewhere; there is no way out but the gateway')

export const KERNEL_EVENTS = {
  'process.started': ProcessStarted,
  'process.exited': ProcessExited,
  'file.accessed': FileAccessed,
  'file.hashed': FileHashed,
  'net.attempted': NetAttempted,
} as const
