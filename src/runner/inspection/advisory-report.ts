// Makes the report of advisories from the lockfiles of two commits, or gives the reason why there is no report.
import { reportAdvisories } from '../../advisories/report.ts'
import type { AdvisorySource } from '../../advisories/types.ts'
import { printable } from '../../domain/byte-text.ts'
import type { AdvisoryReport } from '../../domain/change.ts'
import { fileNameOf, isLockfile } from '../../domain/inspection/lockfile-origins.ts'
import { isGitError } from '../../git/git-error.ts'
import type { HostGit } from '../../git/host-git.ts'
import { linesOf } from '../../git/lines-of.ts'
import { readFileAt } from '../../git/read-file.ts'
import { cutText } from './cut-text.ts'

interface Question {
  repository: string
  before: string
  /** Equals `before` if the run pushed nothing. */
  after: string
  /** Folder of the lockfile, from the top of the repository; a task or its input names it. */
  folder: string
}

const MAX_LOCKFILE_BYTES = 32 * 1024 * 1024
/** npm reads the first of these files that exists. */
const READ = ['npm-shrinkwrap.json', 'package-lock.json']
const MAX_NAMED = 5

export async function advisoryReport(
  git: HostGit,
  source: AdvisorySource,
  { repository, before, after, folder }: Question,
): Promise<AdvisoryReport> {
  const names = folder.split('/').filter((name) => name !== '' && name !== '.')
  const place = names.map((name) => `${name}/`).join('')
  const leaves = names.includes('..') || folder.includes('\0')
  const lockOf = (commit: string) => (leaves ? null : lockAt(git, repository, commit, place))
  const [old, now] = await Promise.all([lockOf(before), lockOf(after)])
  const note = old === null || now === null ? await whyNot(git, { repository, commit: after, place, leaves }) : null
  return reportAdvisories(source, old, now, note)
}

async function lockAt(git: HostGit, repository: string, commit: string, place: string): Promise<string | null> {
  for (const name of READ) {
    const bytes = await readFileAt(git, repository, commit, `${place}${name}`, MAX_LOCKFILE_BYTES)
    if (bytes !== null) return new TextDecoder().decode(bytes)
  }
  return null
}

async function whyNot(
  git: HostGit,
  { repository, commit, place, leaves }: { repository: string; commit: string; place: string; leaves: boolean },
): Promise<string> {
  if (leaves) return 'the folder is outside the repository'
  const missing = `there is no package-lock.json ${place === '' ? 'at the top of the repository' : `in ${shown(place)}`}`
  const others = await lockfilesOf(git, repository, commit)
  const inFolders = others.filter((path) => READ.includes(fileNameOf(path)) && folderOf(path) !== place)
  if (inFolders.length > 0)
    return `${missing}, but ${listed(inFolders)}: name the folder (\`lockfile-folder\` of the task, or its input \`folder\`)`
  const here = others.filter((path) => folderOf(path) === place)
  return here.length > 0 ? `${missing}, and ${listed(here)} is not read for advisories` : missing
}

async function lockfilesOf(git: HostGit, repository: string, commit: string): Promise<string[]> {
  const found: string[] = []
  const argv = ['ls-tree', '-r', '--name-only', '--full-tree', '--end-of-options', commit]
  try {
    await linesOf(git, { gitDir: repository, argv }, (line) => {
      if (found.length < 1000 && isLockfile(line) && !line.includes('node_modules/')) found.push(line)
    })
  } catch (error) {
    // If the list of paths is too long, the note names fewer files.
    if (!isGitError(error, 'too-large')) throw error
  }
  return found
}

function folderOf(path: string): string {
  return path.slice(0, path.length - fileNameOf(path).length)
}

function listed(paths: readonly string[]): string {
  const rest = paths.length - MAX_NAMED
  return `${paths.slice(0, MAX_NAMED).map(shown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function shown(path: string): string {
  return cutText(printable(path))
}
