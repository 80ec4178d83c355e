// Stage `open`: opens the gateway, then the sandbox. The guest dials in and checks the isolation before any step runs.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PUSH_BRANCH } from '../../domain/run.ts'
import type { RunModels } from '../../gateway/model/open-models.ts'
import type { Gateway } from '../../gateway/types.ts'
import { GATEWAY_PORT } from '../../gateway/types.ts'
import type { Guest, IsolationCheck, Mount, Sandbox, SandboxFile } from '../../sandbox/types.ts'
import { authoriseRun } from '../authorise-run.ts'
import { chooseAgent, installedAgent } from '../agents/choose-agent.ts'
import { baseEnvironment, REVIEW_PATH } from '../environment.ts'
import type { RunnerParts } from '../job.ts'
import type { Prepared } from './prepare.ts'
import type { RunStore } from '../record-budget.ts'
import type { RunRecord } from '../run-record.ts'
import { StopReason } from '../stop-reason.ts'
import { openShortFolder } from '../../sockets/short-path.ts'

const GATEWAY_SOCKET = 'gateway.sock'
const LINK_SOCKET = 'link.sock'

/** Usually the guest dials in within milliseconds; the rest is for a machine under load. */
const GUEST_DIAL_TIMEOUT_MS = 30_000

export interface Box {
  guest: Guest
  sandbox: Sandbox
  /** Maps each limit to its mechanism. */
  limits: Readonly<Record<string, string>>
  gateway: Gateway
  /** The run's access to models. */
  models: RunModels
  /** Rejects when the link breaks or the guest is stopped. The run must then end (invariant 7). */
  recorderLost: Promise<never>
  /** Environment of every command inside. */
  env: Readonly<Record<string, string>>
  openedAt: number
}

/**
 * Registers each resource when it is opened, so that a failure closes all open ones. `store` receives the gateway's
 * records and blobs.
 */
export async function open(
  prepared: Prepared,
  parts: RunnerParts,
  store: RunStore,
  record: RunRecord,
  signal: AbortSignal,
  cleanup: AsyncDisposableStack,
): Promise<Box> {
  const { run, plan, task } = prepared
  const directory = join(parts.sandboxes, run.id)
  await mkdir(directory, { recursive: true, mode: 0o711 })
  const sockets = cleanup.use(await openShortFolder(directory, GATEWAY_SOCKET))
  const models = parts.models.forRun({
    run: run.id,
    task: run.task,
    connections: prepared.agent === null ? [] : [prepared.agent.connection],
    budgets: parts.budgets,
  })
  const gateway = await parts.openRunGateway({
    run: { id: run.id, actor: { id: `run:${run.id}` }, mode: run.mode, branch: PUSH_BRANCH, reach: task.reach },
    socketPath: sockets.path(GATEWAY_SOCKET),
    quarantine: prepared.quarantine,
    originUrl: prepared.forge.originUrl,
    baseCommit: prepared.commit,
    advisories: parts.advisories,
    authorise: authoriseRun(run, task, plan.hosts, parts.policy, store),
    store,
    models,
    signal,
  })
  cleanup.defer(() => gateway.close())
  const listener = await parts.listenForGuest(sockets.path(LINK_SOCKET))
  cleanup.defer(() => listener.close())
  const env = baseEnvironment(run, {
    toolchain: prepared.toolchain,
    gateway,
    baseTime: plan.source.time,
    gitHosts: plan.hosts.git,
    reviewed: prepared.start !== null,
  })
  const sandbox = await parts.sandbox.start(
    {
      run: run.id,
      directory,
      gateway: { kind: 'unix', path: join(directory, GATEWAY_SOCKET) },
      link: { kind: 'unix', path: join(directory, LINK_SOCKET) },
      gatewayPort: GATEWAY_PORT,
      readOnlyMounts: [...prepared.toolchain.mounts, ...(await agentMounts(prepared, parts))],
      files: [...gateway.trustFiles, ...reviewFiles(prepared)],
      env,
      limits: {
        memoryBytes: task.limits.memory,
        processes: task.limits.processes,
        workspaceBytes: task.limits.workspace,
      },
    },
    signal,
  )
  cleanup.defer(() => sandbox.destroy())
  try {
    const guest = await guestOf(sandbox, listener.accept(GUEST_DIAL_TIMEOUT_MS, signal))
    cleanup.defer(() => guest.close())
    const isolation = await guest.selfTest()
    await record.platform('sandbox.started', {
      kind: parts.sandbox.kind,
      hostUid: sandbox.hostUid,
      image: sandbox.image,
      guestVersion: guest.version,
      isolation: isolation.map(({ check, passed, detail }) => ({ check, passed, detail })),
    })
    refuseLeaks(isolation, sandbox.hostUid)
    const limits = await sandbox.limitsInForce
    const recorderLost = lossOf(guest, sandbox)
    return { guest, sandbox, limits, gateway, recorderLost, models, env, openedAt: parts.ids.now() }
  } catch (error) {
    const broken = sandbox.broken()
    throw broken === null ? error : new StopReason('error', broken)
  }
}

/** A file, because the comments may be longer than a variable of the environment may be. */
function reviewFiles({ start }: Prepared): readonly SandboxFile[] {
  return start === null ? [] : [{ target: REVIEW_PATH, content: start.review }]
}

/** Mounts with the packages of the run's agents. */
async function agentMounts({ steps, agent }: Prepared, parts: RunnerParts): Promise<readonly Mount[]> {
  if (agent === null) return []
  const kinds = steps.flatMap((step) => (step.kind === 'agent' ? [chooseAgent(parts.agents, step, agent).kind] : []))
  const installed = await Promise.all([...new Set(kinds)].map((kind) => installedAgent(kind, parts)))
  return installed.flatMap(({ mounts }) => mounts)
}

function lossOf(guest: Guest, sandbox: Sandbox): Promise<never> {
  const stopped = sandbox.recorderStopped.then((detail) => {
    throw new Error(detail)
  })
  const lost = Promise.race([guest.lost, stopped])
  // Stages that need it await it. A recorder that is lost while nobody waits must not end the process.
  lost.catch(() => {})
  return lost
}

/** Waits for the guest. If the sandbox ends first, its standard error is a better explanation than a timeout. */
async function guestOf(sandbox: Sandbox, dialled: Promise<Guest>): Promise<Guest> {
  const died = sandbox.exited.then((exit) => {
    throw new StopReason(
      'error',
      `the sandbox ended before its guest dialled in (code ${exit.code}): ${exit.stderr.trim().slice(-500)}`,
    )
  })
  return Promise.race([dialled, died])
}

function refuseLeaks(isolation: readonly IsolationCheck[], hostUid: number): void {
  const failed = isolation.filter((check) => !check.passed)
  if (hostUid === 0) throw new StopReason('error', 'the sandbox would run as uid 0 on the host')
  if (isolation.length === 0) throw new StopReason('error', 'the isolation self-test gave no answer')
  if (failed.length > 0) {
    const list = failed.map((check) => `${check.check} (${check.detail})`).join('; ')
    throw new StopReason('error', `the isolation self-test failed: ${list}`)
  }
}
