// The guard that every running sandbox on this host has: watches its workspace, remembers reached limits, ends it once.
import type { Sandbox, SandboxSpec } from '../types.ts'
import { measureClosed } from './measure-closed.ts'
import type { ProcessIdentity } from './process-table.ts'
import type { RunShares } from './run-shares.ts'
import { watchPools } from './watch-pools.ts'
import { watchRecorder } from './watch-recorder.ts'
import { watchWorkspace } from './watch-workspace.ts'

export interface Guarded {
  spec: SandboxSpec
  workspace: string
  exited: Promise<unknown>
  shares: RunShares
  /** Host path of the program that enters namespaces (guest/stage/enter.c). */
  enter: string
  /** Whether the sandbox has a user namespace in which the account that started it has rights. */
  ownUserNamespace: boolean
  /** The guest's process on this host; null if there is none, or it has ended. */
  guest: ProcessIdentity | null
  /** Another way to ask whether the whole sandbox was frozen, such as the engine. */
  isPaused: () => Promise<boolean>
  processes: () => readonly number[]
  /** Names of reached limits by the kernel's counters, which vanish with the sandbox. */
  counted: () => readonly string[] | Promise<readonly string[]>
  /** Kills every process without waiting for its end. */
  kill: () => void
  /** Ends the sandbox and removes its leftovers. May be called again after a failure. */
  end: () => Promise<void>
}

export function guardSandbox(guarded: Guarded): Pick<Sandbox, 'limitsHit' | 'recorderStopped' | 'destroy'> {
  const over = new AbortController()
  void guarded.exited.then(() => over.abort())
  const known = new Set<string>()
  const { guest, isPaused, processes, workspace, enter, shares } = guarded
  const onHit = (limit: string) => {
    known.add(limit)
    guarded.kill()
  }
  const guestPid = guest?.pid ?? null
  const namespace = guarded.ownUserNamespace ? guestPid : 'own'
  void watchWorkspace({
    path: workspace,
    limitBytes: guarded.spec.limits.workspaceBytes,
    processes,
    guest: guestPid,
    measureClosed: async (path, bounds) => (namespace === null ? null : measureClosed(enter, namespace, path, bounds)),
    onHit,
    signal: over.signal,
  })
  void watchPools({ guest: guestPid, processes, socketBytes: shares.socketBytes, onHit, signal: over.signal })
  const recorderStopped = Promise.withResolvers<string>()
  const onStopped = (detail: string) => {
    recorderStopped.resolve(detail)
    guarded.kill()
  }
  if (guest !== null) void watchRecorder({ guest, isPaused, onStopped, signal: over.signal })
  const limitsHit = async () => {
    for (const hit of await guarded.counted()) known.add(hit)
    return [...known]
  }
  const destroy = async () => {
    over.abort()
    const counting = limitsHit()
    guarded.kill()
    await counting
    await guarded.end()
  }
  let destroyed: Promise<void> | null = null
  return {
    limitsHit,
    recorderStopped: recorderStopped.promise,
    destroy: () =>
      (destroyed ??= destroy().catch((error) => {
        destroyed = null // a failed end may be tried again
        throw error
      })),
  }
}

export function workspaceInForce(workspaceBytes: number): string {
  return `watched ${workspaceBytes} bytes, and no single file above it`
}
