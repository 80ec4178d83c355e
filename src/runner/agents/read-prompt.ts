// The prompt of an agent step, with the run's inputs and the artifacts of earlier steps filled in, and the review comments
// of another attempt at a change at its end.
import { reviewPrompt } from '../../domain/review.ts'
import { START_BRANCH } from '../../domain/run.ts'
import { artifactsIn, fillPrompt } from '../../domain/task/fill-prompt.ts'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'
import type { Guest } from '../../sandbox/types.ts'
import { artifactPath, MAX_ARTIFACT_BYTES } from '../stages/collect.ts'
import type { Prepared } from '../stages/prepare.ts'

/** Bytes of a file in the prompt. The beginning of a long file tells the agent what to look for in it. */
const MAX_BYTES = 128 * 1024
const CUT = '\n[… cut here: the file is longer]'

export async function readPrompt(
  { prompt }: PlannedAgent,
  { run, task, start }: Prepared,
  guest: Guest,
): Promise<string> {
  const wanted = artifactsIn(prompt)
  const artifacts: Record<string, string> = {}
  for (const artifact of task.artifacts.filter(({ name }) => wanted.includes(name))) {
    artifacts[artifact.name] = textOf(await guest.readFile(artifactPath(artifact), MAX_ARTIFACT_BYTES))
  }
  const filled = fillPrompt(prompt, { inputs: run.inputs, artifacts })
  return start === null ? filled : `${filled.trimEnd()}\n\n${reviewPrompt(start.review, START_BRANCH)}`
}

function textOf(bytes: Uint8Array | null): string {
  if (bytes === null) return '(no such file)'
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_BYTES))
  return bytes.length > MAX_BYTES ? text + CUT : text
}
