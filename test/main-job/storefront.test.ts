// The main job: a run fixes a vulnerable service in the sandbox, a person decides, and the fix is merged.
import { appendFile, cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxKinds, sandboxSection } from '../sandbox-kinds.ts'
import type { Event } from '../../src/domain/event.ts'
import type { Bench } from './glovebox.ts'
import { commitAll, git, openBench, PROJECT } from './glovebox.ts'
import { makeDataFolder } from '../data-folder.ts'

interface Summary {
  run: { id: string; status: string }
  advisories: { before: string[]; after: string[] }
  change: {
    id: string
    status: string
    branch: string
    commit: string
    files: number
    insertions: number
    deletions: number
  }
  trace: {
    events: number
    processes: number
    filesRead: number
    filesWritten: number
    requests: number
    denied: number
  }
}

describe.each(await sandboxKinds())('$kind', (kind) => {
  let bench: Bench
  let repository: string
  let summary: Summary

  beforeAll(async () => {
    bench = await openBench()
    const tree = join(bench.folder, 'tree')
    await cp(join(PROJECT, 'examples/storefront'), tree, {
      recursive: true,
      filter: (source) => !source.endsWith('/node_modules'),
    })
    await git(tree, 'init', '--quiet', '--initial-branch=main')
    await commitAll(tree, 'Storefront')
    repository = join(bench.folder, 'storefront.git')
    await git(bench.folder, 'clone', '--quiet', '--bare', tree, repository)
    const advisories = join(PROJECT, 'examples/advisories/npm')
    await makeDataFolder(
      bench.data,
      `advisories: { kind: osv-directory, path: ${advisories} }\nservices: [nightly]\n${sandboxSection(kind)}`,
    )
    const { code, stdout, stderr } = await bench.glovebox(
      'run',
      'fix-vulnerabilities',
      '--repo',
      repository,
      '--as',
      'service:nightly',
      '--json',
    )
    expect(code, stderr).toBe(0)
    summary = JSON.parse(stdout) as Summary
  }, 300_000)
  afterAll(() => bench[Symbol.asyncDispose]())

  test('fixes every advisory and counts the events in the summary', () => {
    expect(summary.run.status).toBe('succeeded')
    expect(summary.advisories.before).toContain('GHSA-35jh-r3h4-6jhm')
    expect(summary.advisories.after).toEqual([])
    expect(summary.change).toMatchObject({ status: 'open', branch: `glovebox/fix-vulnerabilities/${summary.run.id}` })
    expect(summary.change.files).toBeGreaterThan(0)
    expect(summary.trace.processes).toBeGreaterThan(10)
    expect(summary.trace.requests).toBeGreaterThan(10)
    expect(summary.trace.denied).toBe(0)
  })

  test('records the parts of the sandbox and its coverage', async () => {
    const { stdout } = await bench.glovebox('trace', summary.run.id, '--json')
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event)
    const [started] = events.filter((event) => event.kind === 'sandbox.started')
    expect(started?.body.kind).toBe(kind.kind)
    expect(started?.body.image).toEqual(kind.kind === 'docker' ? expect.stringMatching(/^sha256:[0-9a-f]{64}$/) : null)
    expect(started?.body.isolation.filter((check) => !check.passed)).toEqual([])
    const [coverage] = events.filter((event) => event.kind === 'coverage.reported')
    expect(coverage?.body).toMatchObject({ complete: true, dropped: 0 })
    const kernel = new Set(events.filter(({ source }) => source === 'kernel').map((event) => event.kind))
    expect(kernel).toEqual(
      new Set(['process.started', 'process.exited', 'file.accessed', 'file.hashed', 'net.attempted']),
    )
  })

  test('requests go only to the registry and to the run’s own git, each recorded with its decision', async () => {
    const requests = await bench.events(summary.run.id, 'net.requested')
    expect(new Set(requests.map((event) => event.body.service))).toEqual(new Set(['npm', 'advisories']))
    expect(requests.every((event) => event.body.decision.allowed && event.body.decision.reasons.length > 0)).toBe(true)
    const decisions = await bench.events(summary.run.id, 'policy.decided')
    expect(decisions.length).toBeGreaterThanOrEqual(requests.length)
  })

  test('does not add download URLs to a lockfile without them', async () => {
    const lockfile = await git(repository, 'show', 'main:package-lock.json')
    const { stdout: diff } = await bench.glovebox('change', 'diff', summary.change.id)
    expect(lockfile).not.toContain('"resolved"')
    expect(diff).toContain('+++ b/package-lock.json')
    expect(diff).not.toContain('"resolved"')
  })

  test('the forge has not received the change yet', async () => {
    expect((await git(repository, 'for-each-ref', '--format=%(refname)')).trim()).toBe('refs/heads/main')
  })

  // From here on the tests tell one story, in order.
  test('refuses approval by the requesting service and by its owner, and a merge through a closed gate, with exit code 3 and the reason', async () => {
    const own = await bench.glovebox('change', 'approve', summary.change.id, '--as', 'service:nightly')
    expect(own.code).toBe(3)
    expect(own.stderr).toContain('requester-cannot-approve')
    const speaker = await bench.glovebox('change', 'approve', summary.change.id)
    expect(speaker.code).toBe(3)
    expect(speaker.stderr).toContain('four-eyes')
    const early = await bench.glovebox('change', 'merge', summary.change.id)
    expect(early.code).toBe(3)
    expect(early.stderr).toContain('needs the approval of a person')
  })

  test('refuses every request of an undeclared service', async () => {
    const { code, stderr } = await bench.glovebox('runs', '--as', 'service:stranger')
    expect(code).toBe(3)
    expect(stderr).toContain('service:stranger')
  })

  test('a person approves if the configuration allows it, and may publish the change as a new branch', async () => {
    await appendFile(join(bench.data, 'glovebox.yaml'), 'policies: { enable: [own-automation] }\n')
    const approved = await bench.glovebox('change', 'approve', summary.change.id, '--reason', 'read the diff')
    expect(approved.code, approved.stderr).toBe(0)
    const published = await bench.glovebox('change', 'publish', summary.change.id)
    expect(published.code, published.stderr).toBe(0)
    expect((await git(repository, 'rev-parse', summary.change.branch)).trim()).toBe(summary.change.commit)
    expect((await bench.glovebox('change', 'publish', summary.change.id)).code).toBe(2)
  })

  test('the merge is one commit whose trailers lead back to the record', async () => {
    const before = (await git(repository, 'rev-parse', 'main')).trim()
    const merged = await bench.glovebox('change', 'merge', summary.change.id)
    expect(merged.code, merged.stderr).toBe(0)
    expect((await git(repository, 'rev-list', '--merges', '--count', `${before}..main`)).trim()).toBe('1')
    expect((await git(repository, 'rev-parse', 'main^1')).trim()).toBe(before)
    expect((await git(repository, 'rev-parse', 'main^2')).trim()).toBe(summary.change.commit)
    const trailers = await git(repository, 'log', '-1', '--format=%(trailers:only,unfold)', 'main')
    expect(trailers).toContain(`Glovebox-Run: ${summary.run.id}`)
    expect(trailers).toContain(`Glovebox-Change: ${summary.change.id}`)
    expect(await git(repository, 'show', 'main:package-lock.json')).not.toContain('"version": "4.17.15"')
  })

  test('refuses to merge a merged change again', async () => {
    const again = await bench.glovebox('change', 'merge', summary.change.id)
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('merged')
  })

  test('the trace names the requester, the approver, the merger and all refusals', async () => {
    const decided = await bench.events(summary.run.id, 'change.decided')
    expect(decided.map((event) => [event.actor.id.split(':')[0], event.body.decision, event.body.reason])).toEqual([
      ['user', 'approved', 'read the diff'],
    ])
    expect(decided[0]?.body.policies).toContain('own-automation')
    expect(await bench.events(summary.run.id, 'change.merged')).toHaveLength(1)
    const refused = (await bench.events(summary.run.id, 'policy.decided')).filter((event) => !event.body.allowed)
    expect(refused.map((event) => event.actor.id)).toContain('service:nightly')
  })
})

test('the demo starts from the example in the repository', async () => {
  const manifest = JSON.parse(await readFile(join(PROJECT, 'examples/storefront/package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(['lodash', 'minimist']))
})
