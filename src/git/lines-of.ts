import type { GitCommand, HostGit } from './host-git.ts'
import { GitError } from './git-error.ts'

const MAX_LINE = 4096

/** Reads git's output line by line, so that a long list never is in memory as a whole. */
export async function linesOf(
  git: HostGit,
  command: GitCommand & { input?: string | Uint8Array },
  onLine: (line: string) => void,
): Promise<void> {
  const child = git.start(command)
  child.stdin.end(command.input)
  let rest = ''
  for await (const chunk of child.stdout) {
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) child.stop('too-large')
    for (const line of lines) onLine(line)
  }
  const { code, stderr } = await child.ended
  if (code !== 0)
    throw new GitError('failed', `git ${command.argv[0]} failed with ${code}`, { argv: command.argv, stderr })
}
