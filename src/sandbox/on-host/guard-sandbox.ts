// The guard that every running sandbox on this host has: watches its workspace, remembers reached limits, ends it once.
// A limit that nobody watches is no limit. So a watcher that fails ends its sandbox, and only that one, with its reason.
import type { Sandbox, SandboxSpec } from '../types.ts'
import { killUntilDone } from './end-sandbox.ts'
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
  /** Failure around the sandbox that forced its end; null without one. */
  broken: () => string | null
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
  /** Default: WATCHERS. Tests put others in their place. */
  watchers?: Partial<Watchers> | undefined
}

/** Each resolves when its signal is aborted, or after it has called back. */
export interface Watchers {
  workspace: typeof watchWorkspace
  pools: typeof watchPools
  recorder: typeof watchRecorder
}

export const WATCHERS: Watchers = { workspace: watchWorkspace, pools: watchPools, recorder: watchRecorder }

export function guardSandbox(guarded: Guarded): Pick<Sandbox, 'limitsHit' | 'recorderStopped' | 'broken' | 'destroy'> {
  const over = new AbortController()
  const stopWatching = () => over.abort()
  guarded.exited.then(stopWatching, stopWatching)
  const known = new Set<string>()
  const { guest, isPaused, processes, workspace, enter, shares } = guarded
  const watchers = { ...WATCHERS, ...guarded.watchers }
  let failure: string | null = null
  const kill = () => {
    killUntilDone(guarded.kill, over.signal).catch(() => undefined) // it never rejects
  }
  const watch = (what: string, watching: Promise<void>) => {
    watching.catch((error: unknown) => {
      if (over.signal.aborted) return
      failure ??= `the watcher of ${what} failed: ${messageOf(error)}`
      kill()
    })
  }
  const onHit = (limit: string) => {
    known.add(limit)
    kill()
  }
  const guestPid = guest?.pid ?? null
  const namespace = guarded.ownUserNamespace ? guestPid : 'own'
  watch(
    "the workspace's size",
    watchers.workspace({
      path: workspace,
      limitBytes: guarded.spec.limits.workspaceBytes,
      processes,
      guest: guestPid,
      measureClosed: async (path, bounds) =>
        namespace === null ? null : measureClosed(enter, namespace, path, bounds),
      onHit,
      signal: over.signal,
    }),
  )
  watch(
    'open files and sockets',
    watchers.pools({ guest: guestPid, processes, socketBytes: shares.socketBytes, onHit, signal: over.signal }),
  )
  const recorderStopped = Promise.withResolvers<string>()
  const onStopped = (detail: string) => {
    recorderStopped.resolve(detail)
    kill()
  }
  if (guest !== null) watch('the recorder', watchers.recorder({ guest, isPaused, onStopped, signal: over.signal }))
  const limitsHit = async () => {
    try {
      for (const hit of await guarded.counted()) known.add(hit)
    } catch (error) {
      throw new Error(`the counters of the limits can't be read: ${messageOf(error)}`, { cause: error })
    }
    return [...known]
  }
  const destroy = async () => {
    over.abort()
    // A counter that can't be read must not keep the sandbox alive.
    const counting = limitsHit().catch(() => [])
    await killUntilDone(guarded.kill, over.signal)
    await counting
    await guarded.end()
  }
  let destroyed: Promise<void> | null = null
  return {
    limitsHit,
    recorderStopped: recorderStopped.promise,
    broken: () => failure ?? guarded.broken(),
    destroy: () =>
      (destroyed ??= destroy().catch((error) => {
        destroyed = null // a failed end may be tried again
        throw error
      })),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function workspaceInForce(workspaceBytes: number): string {
  return `watched ${workspaceBytes} bytes, and no single file above it`
}
