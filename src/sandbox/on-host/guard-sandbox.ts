// What is the same for every running sandbox: its workspace is watched, limits are remembered, its end comes once.
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
  /** Host path of the program that goes into namespaces. */
  enter: string
  /** Whether the sandbox has a user namespace that the account which started it has rights in. */
  ownUserNamespace: boolean
  /** On this host; null where there is no such process, or it has ended. */
  guest: ProcessIdentity | null
  /** What else knows whether all of it was frozen. */
  isPaused: () => Promise<boolean>
  processes: () => readonly number[]
  /** Names of limits that the kernel's counters show; the counters go away with the sandbox. */
  counted: () => readonly string[] | Promise<readonly string[]>
  /** Sends every process its end, without waiting. */
  kill: () => void
  /** Ends it and removes what it left; may be called again after it failed. */
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
        destroyed = null // what could not be ended may be tried again
        throw error
      })),
  }
}

export function workspaceInForce(workspaceBytes: number): string {
  return `watched ${workspaceBytes} bytes, and no single file above it`
}
