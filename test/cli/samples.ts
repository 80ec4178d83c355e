// Sample results of a run for tests.
import { type AdvisoryReport, type Change, firstAttempt } from '../../src/domain/change.ts'
import type { TestInstance } from '../services/test-instance.ts'

export const RUN = '0123456789abcdefghj0'
export const CHANGE = '1123456789abcdefghj0'

/** ANSI, OSC 8 link, OSC 52 clipboard, C1 CSI, bidi override, zero width, carriage return, bell, title. */
export const HOSTILE =
  '\u001b[31mred\u001b]8;;https://evil.example\u0007link\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202egnp.\u200bexe\rhid\u001b]0;title\u0007'
/** The parts of it that must never reach a terminal. */
export const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u200b-\u200f\u2066-\u2069]/u

export const ADVISORIES: AdvisoryReport = {
  source: 'OSV directory',
  examined: { before: true, after: true },
  note: null,
  before: [
    {
      id: 'GHSA-jf85-cpcp-j695',
      aliases: ['CVE-2019-10744'],
      ecosystem: 'npm',
      package: 'lodash',
      version: '4.17.11',
      severity: 'critical',
      title: 'Prototype Pollution in lodash',
      fixed: ['4.17.12'],
    },
    {
      id: 'GHSA-jf85-cpcp-j695',
      aliases: ['CVE-2019-10744'],
      ecosystem: 'npm',
      package: 'lodash',
      version: '4.17.10',
      severity: 'critical',
      title: 'Prototype Pollution in lodash',
      fixed: ['4.17.12'],
    },
    {
      id: 'GHSA-vh95-rmgr-6w4m',
      aliases: ['CVE-2020-7598'],
      ecosystem: 'npm',
      package: 'minimist',
      version: '1.2.0',
      severity: 'moderate',
      title: 'Prototype Pollution in minimist',
      fixed: ['1.2.3'],
    },
  ],
  after: [],
  packages: [
    { name: 'lodash', from: '4.17.11', to: '4.17.21', places: [] },
    { name: 'kind-of', from: null, to: '6.0.3', places: [] },
  ],
}

export const DIFF = `diff --git a/package-lock.json b/package-lock.json
index 1111111..2222222 100644
--- a/package-lock.json
+++ b/package-lock.json
@@ -1,3 +1,3 @@
 {
-  "lodash": "4.17.11"
+  "lodash": "4.17.21"
 }
`

export function sampleChange(fields: Partial<Change> = {}): Change {
  const commit = 'b'.repeat(40)
  const change: Change = {
    id: CHANGE,
    run: RUN,
    repository: '/repos/storefront',
    branch: `glovebox/fix-vulnerabilities/${RUN}`,
    target: 'main',
    base: 'a'.repeat(40),
    commit,
    title: 'Fix known vulnerabilities',
    body: 'Two advisories less.',
    status: 'open',
    files: 1,
    insertions: 1,
    deletions: 1,
    diff: `sha256:${'0'.repeat(64)}`,
    pack: null,
    protectedPaths: [],
    findings: [],
    checks: [{ name: 'test', passed: true, detail: 'exit 0' }],
    requester: { id: 'user:alice' },
    decisions: [],
    attempts: [],
    mergeCommit: null,
    publishAs: 'glovebox/x/1',
    published: false,
    createdAt: Date.UTC(2026, 0, 2),
    ...fields,
  }
  return { ...change, attempts: fields.attempts ?? [firstAttempt(change)] }
}

/** Events of a small run with one refused request. */
export async function emitSampleRun(instance: TestInstance, run: string): Promise<void> {
  const stdout = (await instance.store.blobs.put(new TextEncoder().encode('found'))).digest
  await instance.emit(run, 'stage.started', { stage: 'work' })
  await instance.emit(run, 'step.started', {
    step: 0,
    name: 'audit',
    argv: ['sh', '-e'],
    argvOmitted: 0,
    workingDirectory: '.',
  })
  await instance.emit(run, 'process.started', {
    pid: 2,
    parent: 1,
    step: 0,
    origin: 'exec',
    argv: ['npm', 'audit', '--json'],
    argvOmitted: 0,
    cwd: '/workspace/repo',
    executable: '/usr/bin/node',
    executableDigest: null,
  })
  await instance.emit(run, 'file.accessed', {
    pid: 2,
    read: ['/workspace/repo/package.json'],
    written: ['/tmp/x'],
    created: [],
    removed: [],
    renamed: [],
    attempted: [],
    omitted: 0,
  })
  for (let times = 0; times < 2; times++) {
    await instance.emit(run, 'net.requested', {
      method: 'GET',
      url: 'https://evil.example/steal',
      service: 'egress',
      status: 403,
      requestBytes: 0,
      responseBytes: 10,
      decision: { allowed: false, reasons: [] },
    })
  }
  await instance.emit(run, 'step.finished', {
    step: 0,
    name: 'audit',
    outcome: 'succeeded',
    code: 0,
    signal: null,
    wallMs: 812,
    stdout,
    stderr: null,
    stdoutBytes: 5,
    stderrBytes: 0,
    outputOmitted: 0,
    stdoutCut: null,
    stderrCut: null,
  })
}
