// collect: artifacts come out through the guest; remaining changes are committed inside and pushed to quarantine.
import { fillInputs } from '../../domain/task/plan-steps.ts'
import { runBranch } from '../../domain/run.ts'
import type { Artifact, Task } from '../../domain/task/task.ts'
import { REPOSITORY_PATH } from '../environment.ts'
import type { Box } from './open.ts'
import type { Prepared } from './prepare.ts'
import type { CommandContext } from '../steps/run-command.ts'
import type { StepOutcome } from '../steps/step-output.ts'
import { runCommand } from '../steps/run-command.ts'

export const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024

/**
 * Everything comes as an argument. What the workspace's own configuration still does (filters, aliases) it does inside
 * the box; hooks and fsmonitor are off, so that a repository's pre-push checks do not stop what only goes to quarantine.
 */
const COMMIT_AND_PUSH = `
g() { git -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"; }
g add --all
if ! g diff --cached --quiet; then
  g commit --quiet --no-verify --message "$1"
fi
if [ "$(g rev-parse HEAD)" = "$2" ]; then
  echo "nothing changed"
  exit 0
fi
g push --quiet --no-verify "$3" "HEAD:refs/heads/$4"
`

export async function collectChanges(
  prepared: Prepared,
  box: Box,
  context: CommandContext,
  step: number,
): Promise<StepOutcome> {
  const { run } = prepared
  const argv = [
    '/bin/sh',
    '-e',
    '-c',
    COMMIT_AND_PUSH,
    'sh',
    commitMessage(prepared),
    prepared.commit,
    prepared.forge.originUrl,
    runBranch(run),
  ]
  return runCommand(context, step, { name: 'collect', argv, env: box.env, cwd: REPOSITORY_PATH, timeoutMs: null })
}

/** Where it is inside. */
export function artifactPath({ path }: Pick<Artifact, 'path'>): string {
  return path.startsWith('/') ? path : `${REPOSITORY_PATH}/${path}`
}

/** Names of the artifacts that the task promised and that are not there. */
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

export function commitMessage({ task, run }: Pick<Prepared, 'task' | 'run'>): string {
  const text = task.change?.['commit-message'] ?? task.change?.title ?? `Run ${task.name}`
  return `${fillInputs(text, run.inputs).trimEnd()}\n\nGlovebox-Run: ${run.id}\n`
}
