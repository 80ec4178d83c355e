// A guest that the real host's end of the link speaks to.
import type { CommandResult, Guest, GuestReport } from '../../src/sandbox/types.ts'
import { listenForGuest } from '../../src/sandbox/link/listen-for-guest.ts'
import type { GuestListener } from '../../src/sandbox/link/listen-for-guest.ts'
import { launchBox } from './launch-box.ts'
import type { Box, BoxOptions } from './launch-box.ts'

export interface GuestUnderTest extends AsyncDisposable, Box {
  guest: Guest
}

export async function startGuest(options: BoxOptions = {}): Promise<GuestUnderTest> {
  let listener: GuestListener | undefined
  const box = await launchBox(options, async (socket) => void (listener = await listenForGuest(socket)))
  const guest = await listener?.accept(10_000, AbortSignal.timeout(10_000)).catch((error: unknown) => {
    throw new Error(`no guest: ${box.complaints()}`, { cause: error })
  })
  if (!guest) throw new Error('nobody listened')
  return {
    ...box,
    guest,
    async [Symbol.asyncDispose]() {
      guest.close()
      await box.remove()
    },
  }
}

export const ENV = { PATH: '/run/glovebox/bin:/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8' }

export interface Ran extends CommandResult {
  stdout: string
  stderr: string
  reports: GuestReport[]
}

export interface RunOptions {
  step?: number
  cwd?: string
  env?: Record<string, string>
  outputLimit?: number
  record?: boolean
  signal?: AbortSignal
  stdin?: AsyncIterable<Uint8Array>
}

export async function run(guest: Guest, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const reports: GuestReport[] = []
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const result = await guest.run(
    {
      step: options.step ?? 1,
      argv,
      env: { ...ENV, ...options.env },
      cwd: options.cwd ?? '/workspace',
      outputLimit: options.outputLimit ?? 1 << 20,
      record: options.record ?? true,
      ...(options.stdin ? { stdin: options.stdin } : {}),
    },
    { output: (stream, bytes) => void output[stream].push(bytes), reports: (batch) => void reports.push(...batch) },
    options.signal ?? new AbortController().signal,
  )
  return {
    ...result,
    stdout: Buffer.concat(output.stdout).toString(),
    stderr: Buffer.concat(output.stderr).toString(),
    reports,
  }
}

export function sh(guest: Guest, script: string, options: RunOptions = {}): Promise<Ran> {
  return run(guest, ['sh', '-c', script], options)
}
