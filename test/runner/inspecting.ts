// A change as the stage `inspect` finds it: real git, a real quarantine, a real store; the commits come from a client.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AdvisorySource } from '../../src/advisories/types.ts'
import { INSPECTION_REPORT } from '../../src/domain/change.ts'
import type { ProtectedKind } from '../../src/domain/inspection/protected-kinds.ts'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import { Task } from '../../src/domain/task/task.ts'
import { updateMirror } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { inspect, type Inspected, type Proposal } from '../../src/runner/stages/inspect.ts'
import type { Prepared } from '../../src/runner/stages/prepare.ts'
import { IN_BOX } from '../../src/runner/environment.ts'
import { recordFor } from '../../src/runner/run-record.ts'
import { mustGit } from '../git/client-git.ts'
import { openRunnerGround, type RunnerGround } from './runner-ground.ts'

/** Path to content; null takes the file away. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>

export interface Inspecting extends AsyncDisposable {
  ground: RunnerGround
  /** Runs git in the work tree. */
  git(...args: string[]): Promise<string>
  /** Writes an object, however odd, and gives its id. */
  hash(type: 'commit' | 'blob', content: string): Promise<string>
  /** Writes files and commits all that there is. */
  commit(files: Files, message?: string): Promise<string>
  /** What is committed so far becomes what the repository holds before the run. */
  startHere(): Promise<void>
  /** What is committed since is what a run proposes. */
  inspect(options?: InspectOptions): Promise<Inspected>
  proposal(options?: InspectOptions): Promise<Proposal>
  /** The whole that is kept as a blob. */
  kept(
    proposal: Proposal,
  ): Promise<{ protectedPaths: { path: unknown; kind: string }[]; findings: { kind: string; lines: string[] }[] }>
}

export interface InspectOptions {
  protectedPaths?: readonly ProtectedKind[]
  /** Fields of the task. */
  task?: object
  parts?: Partial<RunnerGround['parts']>
  inputs?: Readonly<Record<string, string>>
  advisories?: AdvisorySource
}

const AS_IN_BOX = {
  GIT_AUTHOR_NAME: IN_BOX.name,
  GIT_AUTHOR_EMAIL: IN_BOX.email,
  GIT_COMMITTER_NAME: IN_BOX.name,
  GIT_COMMITTER_EMAIL: IN_BOX.email,
}

/** `base`: what the repository holds before the run. */
export async function openInspecting(base: Files = {}): Promise<Inspecting> {
  const ground = await openRunnerGround()
  const { fixture, parts, store } = ground
  const git = (...args: string[]) => mustGit(fixture.client, args, { cwd: fixture.work, env: AS_IN_BOX })
  const commit = async (files: Files, message = 'change') => {
    for (const [path, content] of Object.entries(files)) {
      const file = join(fixture.work, path)
      await mkdir(dirname(file), { recursive: true })
      if (content === null) await rm(file, { recursive: true })
      else await writeFile(file, content)
    }
    await git('add', '--all', '--force')
    await git('commit', '--quiet', '--allow-empty', '-m', message)
    return git('rev-parse', 'HEAD')
  }
  let from = await commit(base, 'base')
  await git('push', '--quiet', 'origin', 'HEAD:refs/heads/main')
  const mirror = join(parts.mirrors, 'forge.git')
  await updateMirror(parts.git, mirror, { address: fixture.forge, kind: 'local' })
  const quarantine = join(parts.quarantines, 'run.git')
  await createQuarantine(parts.git, { path: quarantine, mirror, branch: 'main', commit: from })
  const inspectChange = async (options: InspectOptions = {}) => {
    await git('push', '--quiet', '--force', quarantine, `HEAD:refs/heads/${PUSH_BRANCH}`)
    const run = await ground.queue()
    const task = Task.parse({ name: 'x', description: 'd', mode: 'write', steps: [{ run: 'true' }], ...options.task })
    const plan = {
      source: { time: 1_700_000_000 },
      protectedPaths: options.protectedPaths ?? [],
      inputs: options.inputs ?? {},
    }
    const prepared = {
      ...{ run, task, plan, quarantine, commit: from, start: null },
      advisories: options.advisories ?? parts.advisories,
    }
    const record = recordFor(run.id, store)
    return inspect(prepared as unknown as Prepared, { ...parts, ...options.parts }, record, [])
  }
  const proposal = async (options?: InspectOptions) => {
    const { proposal: proposed } = await inspectChange(options)
    if (proposed === null) throw new Error('nothing was proposed')
    return proposed
  }
  return {
    ground,
    git,
    hash: (type, content) =>
      mustGit(fixture.client, ['hash-object', '-t', type, '-w', '--stdin', '--literally'], {
        cwd: fixture.work,
        input: content,
      }),
    commit,
    async startHere() {
      from = await git('rev-parse', 'HEAD')
    },
    inspect: inspectChange,
    proposal,
    async kept({ inspection }) {
      const bytes = await store.blobs.read(inspection)
      if (bytes === null) throw new Error(`${INSPECTION_REPORT} is missing`)
      return JSON.parse(new TextDecoder().decode(bytes)) as Awaited<ReturnType<Inspecting['kept']>>
    },
    [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
  }
}
