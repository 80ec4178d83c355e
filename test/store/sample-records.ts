// Small valid records, and a store in a fresh folder.
import { randomBytes } from 'node:crypto'
import type { Ask } from '../../src/domain/ask.ts'
import { type Change, type Decision, firstAttempt } from '../../src/domain/change.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { newId } from '../../src/domain/ids.ts'
import type { IdSource } from '../../src/domain/ids.ts'
import type { Run } from '../../src/domain/run.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/types.ts'
import { testFolder } from '../test-folder.ts'

export const MACHINE: IdSource = { now: () => Date.now(), random: (bytes) => randomBytes(bytes) }

export const SYSTEM = { id: 'system:test' }

export function anId(): string {
  return newId(MACHINE)
}

/** Declare it first: then the folder is removed after the test's own disposals. */
export const freshFolder = testFolder

export function open(folder: string): Promise<Store> {
  return openStore(folder, { ids: MACHINE })
}

/** A store with one run, which most tests need. */
export async function insertRun(store: Store, run: Run): Promise<void> {
  await store.transact((tx) => tx.runs.insert(run))
}

export function stage(run: string | null, name: string): NewEvent {
  return { run, source: 'platform', actor: SYSTEM, kind: 'stage.started', body: { stage: name } }
}

export function finished(run: string): NewEvent {
  return {
    run,
    source: 'platform',
    actor: SYSTEM,
    kind: 'run.finished',
    body: { status: 'succeeded', reason: null, wallMs: 1.5 },
  }
}

export function files(run: string, read: string[], written: string[] = []): NewEvent {
  const body = { pid: 2, read, written, created: [], removed: [], renamed: [], attempted: [], omitted: 0 }
  return { run, source: 'kernel', actor: SYSTEM, kind: 'file.accessed', body }
}

export function started(run: string, origin: 'exec' | 'fork' = 'exec'): NewEvent {
  const body = {
    pid: 2,
    parent: 1,
    step: 0,
    origin,
    argv: ['true'],
    argvOmitted: 0,
    cwd: '/',
    executable: '/usr/bin/true',
    executableDigest: null,
  }
  return { run, source: 'kernel', actor: SYSTEM, kind: 'process.started', body }
}

export function decided(run: string, allowed: boolean): NewEvent {
  const body = { action: 'connect', resource: 'Host::"a.example"', allowed, reasons: [], errors: [] }
  return { run, source: 'gateway', actor: SYSTEM, kind: 'policy.decided', body }
}

export function requested(run: string): NewEvent {
  return {
    run,
    source: 'gateway',
    actor: SYSTEM,
    kind: 'net.requested',
    body: {
      method: 'GET',
      url: 'https://a.example/',
      service: 'egress',
      status: 200,
      requestBytes: 0,
      responseBytes: 0,
      decision: { allowed: true, reasons: ['p'] },
    },
  }
}

export function aRun(fields: Partial<Run> = {}): Run {
  return {
    id: anId(),
    task: 'fix',
    taskSource: 'built-in',
    repository: '/srv/repo',
    ref: null,
    commit: null,
    mode: 'write',
    inputs: { level: 'high' },
    sandbox: 'fake',
    requester: { id: 'user:ada' },
    status: 'queued',
    reason: null,
    createdAt: 1_700_000_000_000,
    startedAt: null,
    finishedAt: null,
    trigger: 'manual',
    plan: null,
    attempt: 1,
    priority: 0,
    request: null,
    cancelledBy: null,
    ...fields,
  }
}

export function aChange(run: string, fields: Partial<Change> = {}): Change {
  const change: Change = {
    id: anId(),
    run,
    repository: '/srv/repo',
    branch: `glovebox/fix/${run}`,
    target: 'main',
    base: 'a'.repeat(40),
    commit: 'b'.repeat(40),
    title: 'Fix it',
    body: '',
    status: 'open',
    files: 1,
    insertions: 2,
    deletions: 3,
    diff: `sha256:${'0'.repeat(64)}`,
    pack: null,
    protectedPaths: ['.github/x', { base64: '/w==' }],
    findings: ['a finding'],
    checks: [{ name: 'test', passed: true, detail: '' }],
    requester: { id: 'user:ada' },
    decisions: [],
    attempts: [],
    mergeCommit: null,
    publishAs: 'glovebox/x/1',
    published: false,
    createdAt: 1_700_000_000_000,
    ...fields,
  }
  return { ...change, attempts: fields.attempts ?? [firstAttempt(change)] }
}

export function anAsk(run: string, fields: Partial<Ask> = {}): Ask {
  return {
    id: anId(),
    run,
    step: 1,
    agent: 'claude-code',
    call: 'c1',
    title: 'Run tests',
    tool: 'execute',
    command: 'npm test',
    paths: [],
    options: [],
    status: 'open',
    openedAt: 1_700_000_000_000,
    deadline: 1_700_000_600_000,
    decidedAt: null,
    decidedBy: null,
    note: null,
    ...fields,
  }
}

export function aDecision(commit: string, fields: Partial<Decision> = {}): Decision {
  return { actor: { id: 'user:bob' }, decision: 'approved', commit, reason: 'ok', policies: ['p'], time: 1, ...fields }
}

/** The events of a model call: its reservation before sending, its usage after the answer. */
export function modelAsked(run: string, call: string, tokens: number): NewEvent {
  const body = { ...modelCall(call), reservedTokens: tokens, reservedCostMicros: tokens * 2 }
  return { run, source: 'gateway', actor: SYSTEM, kind: 'model.asked', body }
}

export function modelCalled(run: string, call: string, tokens: number): NewEvent {
  const body = {
    ...modelCall(call),
    status: 200,
    outcome: 'answered' as const,
    refusal: null,
    inputTokens: tokens,
    outputTokens: 0,
    cachedTokens: null,
    cacheWriteTokens: null,
    countedTokens: tokens,
    estimated: false,
    costMicros: tokens * 2,
    stopReason: null,
    tools: [],
    firstByteMs: 1,
    wallMs: 2,
    response: null,
    chunks: null,
    replaced: 0,
    note: null,
  }
  return { run, source: 'gateway', actor: SYSTEM, kind: 'model.called', body }
}

function modelCall(call: string) {
  return {
    call,
    connection: 'main',
    model: 'm',
    wire: null,
    method: 'POST',
    path: '/v1/messages',
    request: null,
    currency: 'USD',
    decision: { allowed: true, reasons: ['p'] },
  }
}
