// Updates a ref in two steps, so that the event can be recorded between them (invariant 3). The first step locks the ref
// and checks its old value; the second is only a rename.
import { GitError } from './git-error.ts'
import type { GitProcess, HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'
import { isRefName } from './ref-name.ts'

export interface PreparedRefUpdate {
  commit(): Promise<void>
  abort(): Promise<void>
}

/** `old` is all zeros if the ref must not exist. Rejects if the ref has another value than `old`. */
export async function prepareRefUpdate(
  git: HostGit,
  repository: string,
  update: { ref: string; old: string; new: string },
): Promise<PreparedRefUpdate> {
  if (!isRefName(update.ref)) throw new GitError('failed', `${JSON.stringify(update.ref)} is not a ref name`)
  for (const id of [update.old, update.new]) requireId(id)
  const child = git.start({
    gitDir: repository,
    argv: ['update-ref', '--stdin', '-z'],
    config: ['core.fsync=all', 'core.logAllRefUpdates=false'],
  })
  child.stdout.setEncoding('latin1')
  const answers = child.stdout[Symbol.asyncIterator]() as AsyncIterator<string>
  child.stdin.write(`start\0update ${update.ref}\0${update.new}\0${update.old}\0prepare\0`)
  await expectOk(child, answers, 'prepare')
  return {
    async commit() {
      child.stdin.end('commit\0')
      await expectOk(child, answers, 'commit')
      await ended(child, answers)
    },
    async abort() {
      child.stdin.end('abort\0')
      await ended(child, answers).catch(() => {})
    },
  }
}

/** Waits until git has ended and all its output was read. */
async function ended(child: GitProcess, answers: AsyncIterator<string>): Promise<void> {
  while (!(await answers.next()).done);
  await child.ended
}

async function expectOk(child: GitProcess, answers: AsyncIterator<string>, step: string): Promise<void> {
  for (let text = ''; !text.includes(`${step}: ok\n`);) {
    const { done, value } = await answers.next()
    if (!done) {
      text += value
      continue
    }
    const { stderr } = await child.ended
    throw new GitError('rejected', `the ref could not be updated: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
      argv: ['update-ref'],
      stderr,
    })
  }
}
