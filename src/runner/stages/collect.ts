// Stage `collect`: reads artifacts through the guest, commits remaining changes inside and pushes them to quarantine.
import { fillInputs } from '../../domain/task/plan-steps.ts'
import { PUSH_BRANCH } from '../../domain/run.ts'
import type { Artifact, Task } from '../../domain/task/task.ts'
import { REPOSITORY_PATH } from '../environment.ts'
import type { Box } from './open.ts'
import type { Prepared } from './prepare.ts'
import type { CommandContext } from '../steps/run-command.ts'
import type { StepOutcome } from '../steps/step-output.ts'
import { runCommand } from '../steps/run-command.ts'
import { commitAndPush } from './commit-script.ts'

export const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024

export async function collectChanges(
  prepared: Prepared,
  box: Box,
  context: CommandContext,
  step: number,
): Promise<StepOutcome> {
  const argv = commitAndPush({
    message: commitMessage(prepared),
    base: prepared.commit,
    origin: prepared.forge.originUrl,
    branch: PUSH_BRANCH,
  })
  return runCommand(context, step, { name: 'collect', argv, env: box.env, cwd: REPOSITORY_PATH, timeoutMs: null })
}

/** Path of an artifact inside the sandbox. */
export function artifactPath({ path }: Pick<Artifact, 'path'>): string {
  return path.startsWith('/') ? path : `${REPOSITORY_PATH}/${path}`
}

/** Stores the artifacts; returns the names of required artifacts that are missing. */
export async function collectArtifacts(task: Task, box: Box, context: CommandContext): Promise<string[]> {
  const missing: string[] = []
  for (const artifact of task.artifacts) {
    const bytes = await box.guest.readFile(artifactPath(artifact), MAX_ARTIFACT_BYTES)
    if (bytes === null) {
      if (!artifact.optional) missing.push(artifact.name)
      continue
    }
    const stored = await context.blobs.put(bytes)
    await context.record.platform('artifact.stored', { name: artifact.name, ...stored })
  }
  return missing
}

/**
 * Commit message without anything specific to this run, so that equal runs give equal commit ids. The merge names the
 * run (merge-message.ts).
 */
export function commitMessage({ task, run }: Pick<Prepared, 'task' | 'run'>): string {
  const text = task.change?.['commit-message'] ?? task.change?.title ?? `Run ${task.name}`
  return `${fillInputs(text, run.inputs).trimEnd()}\n`
}
