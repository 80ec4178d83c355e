// Real sandboxes for the tests of this folder: real bubblewrap, a real engine, and a shell script instead of the guest.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBubblewrap } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import type { BubblewrapOptions } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import { processesOfUid } from '../../src/sandbox/on-host/process-table.ts'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import type { Sandbox, SandboxProvider, SandboxSpec } from '../../src/sandbox/types.ts'

/** Uids outside the default range, so that the tests never collide with a run on the same machine. */
export const TEST_UIDS = { first: 810_000, last: 819_999 }

export interface Bench extends AsyncDisposable {
  folder: string
  /** Parent of the sandbox directories, in a folder that only its owner may enter, like root's home. */
  root: string
  options: BubblewrapOptions
  provider: SandboxProvider
  spec(changes?: Partial<SandboxSpec>): Promise<SandboxSpec>
  start(changes?: Partial<SandboxSpec>): Promise<Sandbox>
}

const MIB = 1024 ** 2
export const LIMITS = { memoryBytes: 256 * MIB, processes: 64, workspaceBytes: 64 * MIB }

/** `script` runs as PID 1, in /workspace. */
export async function openBench(
  script: string,
  changes: Partial<BubblewrapOptions> = {},
  make: (options: BubblewrapOptions) => SandboxProvider = createBubblewrap,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-sandbox-'))
  const root = join(folder, 'sandboxes')
  const guest = join(folder, 'guest.sh')
  writeFileSync(guest, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const options = { guest, uids: TEST_UIDS, uidLocks: join(folder, 'uids'), ...changes }
  const made = make(options)
  const sandboxes: Sandbox[] = []
  // The bench ends everything that a test starts, also when the test fails half-way.
  const provider: SandboxProvider = {
    ...made,
    async start(given, signal) {
      const sandbox = await made.start(given, signal)
      sandboxes.push(sandbox)
      return sandbox
    },
  }
  const servers: Listener[] = []
  let count = 0

  async function spec(fields: Partial<SandboxSpec> = {}): Promise<SandboxSpec> {
    const run = `test${process.pid}-${folder.slice(-6).toLowerCase()}-${count++}`
    const [gatewaySocket, linkSocket] = [join(folder, `g${count}.sock`), join(folder, `l${count}.sock`)]
    servers.push(await listen(gatewaySocket), await listen(linkSocket))
    return {
      run,
      directory: join(root, run),
      gateway: { kind: 'unix', path: gatewaySocket },
      link: { kind: 'unix', path: linkSocket },
      gatewayPort: 8080,
      readOnlyMounts: [],
      files: [],
      env: { PATH: '/usr/bin:/bin' },
      limits: LIMITS,
      ...fields,
    }
  }

  return {
    folder,
    root,
    options,
    provider,
    spec,
    start: async (fields) => provider.start(await spec(fields), new AbortController().signal),
    async [Symbol.asyncDispose]() {
      await Promise.all(sandboxes.map((sandbox) => sandbox.destroy()))
      for (const { close } of servers) close()
      await removeTree(folder)
    },
  }
}

interface Listener {
  close(): void
}

/** Listens and keeps connections open, like the gateway and the link. */
export async function listen(path: string): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).resume()
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Content of a file that the guest script writes in its workspace; waits until it exists. */
export async function workspaceFile(spec: Pick<SandboxSpec, 'directory'>, name: string): Promise<string> {
  const path = join(spec.directory, 'workspace', name)
  return eventually(() => {
    try {
      return readFileSync(path, 'utf8') || null
    } catch {
      return null
    }
  }, `${name} in the workspace`)
}

export async function eventually<T>(
  look: () => T | null | false | Promise<T | null | false>,
  what: string,
  ms = 10_000,
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const found = await look()
    if (found !== null && found !== false) return found as T
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`)
    await sleep(10)
  }
}

export function livingOf(uid: number): number {
  return processesOfUid(uid).length
}
