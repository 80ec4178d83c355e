// Events that the kernel observed inside the sandbox, reported by the guest. `source` is `kernel`.
import { z } from 'zod'
import { ByteText, Count, Digest } from './fields.ts'

const Pid = z.int().positive().describe("process id in the sandbox's own pid namespace")

export const ProcessStarted = z
  .object({
    pid: Pid,
    parent: z.int().nonnegative().describe('pid of the parent; 1 is the guest'),
    step: z.int().nonnegative().describe('index of the step that the process belongs to'),
    origin: z
      .enum(['exec', 'fork'])
      .describe('exec: a program was executed; fork: a copy of its parent that never executed one'),
    argv: z.array(ByteText).describe('the arguments that the program sees after the exec'),
    argvOmitted: Count.describe(
      'bytes of argv that are not listed here; argvBlob then holds all of argv, up to 256 KiB',
    ),
    argvBlob: Digest.optional().describe('blob: all of argv, joined by NUL'),
    cwd: ByteText,
    executable: ByteText.describe('path of the executed file as the kernel resolved it'),
    executableDigest: Digest.nullable().describe('digest of the executed file; null if it could not be read'),
  })
  .describe('A program was executed, or a process forked that never executed one')

export const ProcessExited = z
  .object({
    pid: Pid,
    code: z.int().nullable().describe('exit code; null if a signal ended the process'),
    signal: z.int().nullable().describe('signal number; null if the process exited'),
    wallMs: z.number().nonnegative(),
    cpuMs: z.number().nonnegative().describe('user and system time, including children that it waited for'),
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
        'paths that the process named in calls left to the kernel, which may have opened, created or removed another file, or none; the coverage report is then not complete',
      ),
    omitted: Count.describe(
      'number of paths that are not listed because they are too long; the coverage report is then not complete',
    ),
  })
  .describe('The files that a process accessed, sent when it ends; a long list is split into several events')

export const FileHashed = z
  .object({
    pid: Pid,
    files: z.array(z.object({ path: ByteText, bytes: Count, digest: Digest })),
    omitted: Count.describe(
      'number of files without a digest: over 64 MiB, unreadable, or over the bounds per process',
    ),
  })
  .describe(
    'Digests of the workspace files that a process wrote, linked or renamed (alone or in a folder), taken when it ended; files deleted by then are not listed. The last process of a step also lists files that changed after their digest was taken',
  )

export const NetAttempted = z
  .object({
    pid: Pid,
    family: z.enum(['unix', 'inet', 'inet6', 'other']),
    address: ByteText,
    port: z.int().nonnegative(),
    times: Count,
  })
  .describe('A process called connect(); the gateway is the only reachable destination')

export const KERNEL_EVENTS = {
  'process.started': ProcessStarted,
  'process.exited': ProcessExited,
  'file.accessed': FileAccessed,
  'file.hashed': FileHashed,
  'net.attempted': NetAttempted,
} as const
