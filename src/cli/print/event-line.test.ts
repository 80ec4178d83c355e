import { expect, test } from 'vitest'
import type { ByteText } from '../../domain/byte-text.ts'
import { type Event, EVENT_BODIES, type EventBody, EVENT_KINDS, type EventKind } from '../../domain/event.ts'
import { describeEvent, eventLine } from './event-line.ts'
import { createStyle } from '../text/style.ts'

const EVIL = '\u001b[31mx\u001b]8;;https://evil.example\u0007y\u001b]52;c;eA==\u0007\u009b2J\u202ez\n\r\u200b'
const EVIL_BYTES: ByteText = { base64: Buffer.from('\u001b[2Jq\n\xff', 'latin1').toString('base64') }
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u200b-\u200f]/u
const OID = 'a'.repeat(40)
const DIGEST = `sha256:${'0'.repeat(64)}`
const PROPOSED = {
  change: OID,
  branch: EVIL,
  target: EVIL,
  base: OID,
  commit: OID,
  title: EVIL,
  files: 1,
  insertions: 1,
  deletions: 1,
  diff: DIGEST,
  pack: DIGEST,
  protectedPaths: [EVIL],
  protectedPathsOmitted: 1,
  findings: [EVIL],
  findingsOmitted: 2,
  inspection: DIGEST,
}
const DENIED = { allowed: false, reasons: [EVIL] }

// Every place where code in a sandbox, a repository or a request can put text holds hostile text.
const HOSTILE: { [K in EventKind]: EventBody<K> } = {
  'process.started': {
    pid: 2,
    parent: 1,
    step: 0,
    origin: 'exec',
    argv: [EVIL, EVIL_BYTES],
    argvOmitted: 0,
    cwd: EVIL,
    executable: EVIL,
    executableDigest: null,
  },
  'process.exited': { pid: 2, code: null, signal: 9, wallMs: 1, cpuMs: 1, maxRssBytes: 1 },
  'file.accessed': {
    pid: 2,
    read: [EVIL, EVIL_BYTES],
    written: [EVIL],
    created: [EVIL_BYTES],
    removed: [EVIL],
    renamed: [{ from: EVIL, to: EVIL_BYTES }],
    attempted: [EVIL],
    omitted: 3,
  },
  'file.hashed': { pid: 2, files: [{ path: EVIL, bytes: 1, digest: DIGEST }], omitted: 1 },
  'net.attempted': { pid: 2, family: 'inet', address: EVIL, port: 1, times: 2 },
  'net.requested': {
    method: EVIL,
    url: EVIL,
    service: 'egress',
    status: 403,
    requestBytes: 0,
    responseBytes: 0,
    decision: DENIED,
    note: EVIL,
  },
  'net.tunnelled': { authority: EVIL, servername: EVIL, receivedBytes: 1, sentBytes: 1, wallMs: 1 },
  'git.fetched': { repository: EVIL, command: 'fetch', wants: [OID], decision: DENIED },
  'git.pushed': {
    repository: EVIL,
    accepted: false,
    updates: [{ ref: EVIL, old: OID, new: OID, result: EVIL }],
    packBytes: 1,
    decision: DENIED,
  },
  'policy.decided': { action: EVIL, resource: EVIL, allowed: false, reasons: [EVIL], errors: [EVIL] },
  'credential.used': { connection: EVIL, purpose: EVIL, host: EVIL },
  'credential.set': { credential: EVIL, key: EVIL, replaced: true },
  'credential.removed': { credential: EVIL },
  'credentials.rotated': { from: [EVIL], to: EVIL, credentials: 1 },
  'connection.set': {
    connection: EVIL,
    kind: EVIL,
    provider: EVIL,
    url: EVIL,
    models: [EVIL],
    credential: EVIL,
    definition: DIGEST,
    replaced: false,
  },
  'connection.removed': { connection: EVIL },
  'run.requested': { task: EVIL, repository: EVIL, ref: EVIL, mode: 'write', trigger: 'ci', request: DIGEST },
  'run.claimed': { worker: EVIL, generation: 1, attempt: 1 },
  'run.planned': {
    plan: DIGEST,
    commit: OID,
    target: EVIL,
    task: EVIL,
    taskSource: 'repository',
    taskText: DIGEST,
    mode: 'write',
    sandbox: EVIL,
    toolchain: { [EVIL]: EVIL },
    notes: [EVIL],
    policyDigest: DIGEST,
    policySet: DIGEST,
  },
  'run.cancel-requested': {},
  'run.pruned': { blobs: 2, bytes: 2048, quarantineBytes: 4096, before: 0 },
  'run.finished': { status: 'failed', reason: EVIL, wallMs: 1 },
  'stage.started': { stage: EVIL },
  'sandbox.started': {
    image: EVIL,
    kind: EVIL,
    hostUid: 1,
    guestVersion: EVIL,
    isolation: [{ check: EVIL, passed: true, detail: EVIL }],
  },
  'sandbox.ended': { reason: EVIL, wallMs: 1 },
  'step.started': { step: 0, name: EVIL, argv: [EVIL, EVIL_BYTES], argvOmitted: 0, workingDirectory: EVIL },
  'step.finished': {
    step: 0,
    name: EVIL,
    outcome: 'failed',
    code: 1,
    signal: null,
    wallMs: 1,
    stdout: null,
    stderr: null,
    stdoutBytes: 0,
    stderrBytes: 0,
    outputOmitted: 0,
    stdoutCut: null,
    stderrCut: null,
    note: EVIL,
  },
  'artifact.stored': { name: EVIL, digest: DIGEST, bytes: 1 },
  'change.proposed': PROPOSED,
  'change.revised': { ...PROPOSED, attempt: 2, previous: OID, pushed: OID },
  'change.decided': { change: OID, decision: 'approved', commit: OID, reason: EVIL, policies: [] },
  'change.published': { change: OID, branch: EVIL, commit: OID },
  'change.merging': { change: OID, target: EVIL, commit: OID, outcome: 'not taken', detail: EVIL },
  'change.merged': { change: OID, target: EVIL, commit: OID, kind: 'merge' },
  'coverage.reported': {
    mechanism: EVIL,
    complete: false,
    limits: { [EVIL]: EVIL },
    processes: 1,
    filesRead: 1,
    filesWritten: 1,
    dropped: 0,
    blindSpots: [EVIL],
  },
  'model.asked': {
    call: EVIL,
    connection: EVIL,
    model: EVIL,
    wire: 'openai-chat',
    method: EVIL,
    path: EVIL,
    request: null,
    reservedTokens: 1,
    reservedCostMicros: null,
    currency: EVIL,
    decision: DENIED,
  },
  'model.called': {
    call: EVIL,
    connection: EVIL,
    model: EVIL,
    wire: 'openai-chat',
    method: EVIL,
    path: EVIL,
    status: 200,
    outcome: 'refused',
    refusal: 'budget',
    inputTokens: 1,
    outputTokens: 2,
    cachedTokens: null,
    cacheWriteTokens: null,
    countedTokens: 3,
    estimated: true,
    costMicros: 3,
    currency: EVIL,
    stopReason: EVIL,
    tools: [EVIL],
    firstByteMs: null,
    wallMs: 1,
    request: null,
    response: null,
    chunks: null,
    replaced: 0,
    decision: DENIED,
    note: EVIL,
  },
  'prompt.given': {
    step: 1,
    agent: EVIL,
    connection: EVIL,
    model: EVIL,
    wire: 'gemini',
    prompt: DIGEST,
    bytes: 1,
    maxTurns: 2,
    budget: {},
  },
  'agent.started': {
    step: 1,
    agent: EVIL,
    title: EVIL,
    version: EVIL,
    protocol: EVIL,
    session: EVIL,
    connection: EVIL,
    model: EVIL,
  },
  'agent.messaged': { step: 1, kind: 'thought', text: EVIL, bytes: 1, blob: DIGEST },
  'agent.planned': { step: 1, entries: [{ content: EVIL_BYTES, status: EVIL, priority: EVIL }], omitted: 1 },
  'agent.tool-called': {
    step: 1,
    call: EVIL,
    title: EVIL,
    tool: EVIL,
    paths: [EVIL],
    omitted: 1,
    command: EVIL,
    input: null,
  },
  'agent.tool-updated': {
    step: 1,
    call: EVIL,
    status: 'failed',
    title: EVIL,
    tool: EVIL,
    paths: [EVIL_BYTES],
    omitted: 1,
    command: null,
    input: null,
    output: null,
  },
  'agent.asked': {
    step: 1,
    ask: EVIL,
    call: EVIL,
    title: EVIL,
    tool: EVIL,
    paths: [],
    omitted: 1,
    command: EVIL,
    options: [],
  },
  'agent.refused': { step: 1, method: EVIL },
  'agent.ended': { step: 1, outcome: 'failed', message: EVIL, toolCalls: 1 },
  'ask.opened': { step: 1, ask: EVIL, deadline: 1 },
  'ask.decided': { step: 1, ask: EVIL, outcome: 'denied', by: 'policy', reasons: [EVIL], note: EVIL },
  'platform.failed': { detail: EVIL },
}

function event(kind: EventKind): Event {
  return {
    id: '0'.repeat(20),
    run: '1'.repeat(20),
    seq: 7,
    time: 1500,
    source: 'kernel',
    actor: { id: 'run:x' },
    kind,
    body: HOSTILE[kind],
  } as Event
}

test.each(EVENT_KINDS)('a hostile %s is one line of harmless text', (kind) => {
  expect(EVENT_BODIES[kind].safeParse(HOSTILE[kind]).success).toBe(true)
  const line = eventLine(event(kind), 1000, createStyle(false))
  expect(line).not.toMatch(CONTROLS)
  expect(line).toContain(kind)
})

test('a line has the number, the time since the start, the source and the event', () => {
  const line = eventLine(
    { ...event('process.started'), body: { ...HOSTILE['process.started'], argv: ['npm', 'run', 'a b'] } } as Event,
    1000,
    createStyle(false),
  )
  expect(line).toMatch(/^ {5}7 +\+0\.500 {2}kernel {4}process\.started {4}\[2\] from \[1\] npm run 'a b'$/)
})

test('a very long command is cut and marked', () => {
  const long = {
    ...event('process.started'),
    body: { ...HOSTILE['process.started'], argv: ['x'.repeat(10_000)] },
  } as Event
  expect(describeEvent(long).length).toBeLessThan(500)
  expect(describeEvent(long)).toMatch(/…$/)
})
