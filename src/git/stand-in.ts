// Stands in for a local repository, without its configuration. git never runs in the repository itself. It runs in a folder
// that borrows the repository's objects and refs and has a configuration that Glovebox wrote. From the repository's
// configuration it copies only the keys below, which say how objects and refs are stored. So no key of the repository can
// make git start a program, even if a later version of git adds such keys.
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'

export interface Repository {
  /** The path as the requester gave it. */
  address: string
  /** The folder of HEAD; each work tree has its own. */
  gitDir: string
  /** The folder of the objects, the refs and the configuration. */
  commonDir: string
}

/** `write` is for a push: git must know which branches are checked out in work trees. */
export type Purpose = 'read' | 'write'

const MAX_FILE_BYTES = 1024 * 1024
const BOOLEAN = /^(true|false|yes|no|on|off|1|0|)$/i
const COPIED: ReadonlyMap<string, RegExp> = new Map([
  ['core.repositoryformatversion', /^[01]$/],
  ['core.bare', BOOLEAN],
  ['core.ignorecase', BOOLEAN],
  ['core.precomposeunicode', BOOLEAN],
  ['core.logallrefupdates', /^(true|false|always|yes|no|on|off|1|0)$/i],
  ['core.sharedrepository', /^(umask|group|all|world|everybody|true|false|yes|no|on|off|[0-7]{1,4})$/i],
  ['extensions.objectformat', /^sha(1|256)$/],
])

/** Files and folders that the stand-in links to. A link may dangle: the repository may lack the target or get it later. */
const BORROWED: Record<Purpose, readonly string[]> = {
  read: ['objects', 'refs', 'packed-refs', 'shallow'],
  write: ['objects', 'refs', 'packed-refs', 'shallow', 'worktrees'],
}

/** Throws GitError `not-a-repository` if git would not find a repository at the address. */
export async function locateRepository(address: string): Promise<Repository> {
  for (const candidate of [join(address, '.git'), address]) {
    const gitDir = await followGitFile(candidate)
    if (gitDir === null || (await readSmall(join(gitDir, 'HEAD'))) === null) continue
    const common = await readSmall(join(gitDir, 'commondir'))
    const commonDir = common === null ? gitDir : resolve(gitDir, common.trim())
    if (await isFolder(join(commonDir, 'objects'))) return { address, gitDir, commonDir }
  }
  throw new GitError('not-a-repository', `${address} is not a git repository`)
}

/** Calls `work` with the path of a stand-in for the repository, and removes the stand-in afterwards. */
export function withStandIn<T>(
  git: HostGit,
  { address, gitDir, commonDir }: Repository,
  purpose: Purpose,
  work: (path: string) => Promise<T>,
): Promise<T> {
  return git.inScratch(async (folder) => {
    const path = join(folder, '.git')
    await mkdir(path, { mode: 0o700 })
    const settings = await storageSettings(git, { address, commonDir })
    // A push must not update the branch of the main work tree, even if the requester named another work tree.
    const head = await readHead(purpose === 'write' ? commonDir : gitDir, address)
    await writeFile(join(path, 'config'), configuration(settings, gitDir), { mode: 0o600 })
    await writeFile(join(path, 'HEAD'), head, { mode: 0o600 })
    for (const name of BORROWED[purpose]) await symlink(join(commonDir, name), join(path, name))
    if (purpose === 'write' && (await isFolder(join(commonDir, 'logs'))))
      await symlink(join(commonDir, 'logs'), join(path, 'logs'))
    return await work(path)
  })
}

/** The branch of the main work tree; null if its HEAD is detached. */
export async function checkedOutBranch({ commonDir, address }: Repository): Promise<string | null> {
  return /^ref: refs\/heads\/([^\n]+)/.exec(await readHead(commonDir, address))?.[1] ?? null
}

/** Whether the repository is a partial clone: git marks packs whose objects refer to missing ones. */
export async function hasPromisedObjects({ commonDir }: Repository): Promise<boolean> {
  const packs = await readdir(join(commonDir, 'objects', 'pack')).catch(() => [])
  return packs.some((name) => name.endsWith('.promisor'))
}

async function storageSettings(
  git: HostGit,
  { address, commonDir }: Pick<Repository, 'address' | 'commonDir'>,
): Promise<ReadonlyMap<string, string>> {
  const path = join(commonDir, 'config')
  if ((await readSmall(path)) === null) return new Map()
  // git runs outside any repository: it reads the file as text and does not follow its includes.
  const { stdout } = await git.run({ argv: ['config', '--file', path, '--no-includes', '-z', '--list'] })
  const settings = new Map<string, string>()
  for (const entry of stdout.toString('utf8').split('\0')) {
    const [key = '', value = 'true'] = split(entry)
    if (key === 'extensions.refstorage' && value !== 'files')
      throw new GitError(
        'incomplete',
        `${address} keeps its refs as ${JSON.stringify(value.slice(0, 40))}, which is not supported: convert it with \`git -C ${address} refs migrate --ref-format=files\``,
      )
    if (COPIED.get(key)?.test(value) === true) settings.set(key, value)
  }
  return settings
}

/** Splits `key\nvalue`; a key without a value means true. */
function split(entry: string): string[] {
  const at = entry.indexOf('\n')
  return at < 0 ? [entry] : [entry.slice(0, at), entry.slice(at + 1)]
}

/** Writes the configuration. The values matched their patterns, so none contains a line break. */
function configuration(settings: ReadonlyMap<string, string>, gitDir: string): string {
  const bare = settings.get('core.bare') ?? String(!gitDir.endsWith('/.git'))
  const all = new Map([['core.repositoryformatversion', '0'], ...settings, ['core.bare', bare]])
  return [...all].map(([key, value]) => `[${key.split('.')[0]}]\n\t${key.split('.')[1]} = ${value}\n`).join('')
}

async function readHead(gitDir: string, address: string): Promise<string> {
  const text = (await readSmall(join(gitDir, 'HEAD'))) ?? ''
  if (/^(ref: refs\/[^\n]+|[0-9a-f]{40}|[0-9a-f]{64})\n?$/.test(text)) return text
  throw new GitError('not-a-repository', `${address} is not a git repository: its HEAD is malformed`)
}

/** The folder itself, or the folder that a file such as `gitdir: ../main/.git/worktrees/x` names; else null. */
async function followGitFile(path: string): Promise<string | null> {
  if (await isFolder(path)) return path
  const text = await readSmall(path)
  const named = text === null ? null : /^gitdir: ([^\n]+)\n?$/.exec(text)?.[1]
  if (named === null || named === undefined) return null
  const gitDir = resolve(dirname(path), named)
  return (await isFolder(gitDir)) ? gitDir : null
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true
}

/** Returns null if the path is not a regular file, so that it never waits for a FIFO. */
async function readSmall(path: string): Promise<string | null> {
  const stats = await stat(path).catch(() => null)
  if (stats === null || !stats.isFile() || stats.size > MAX_FILE_BYTES) return null
  return await readFile(path, 'utf8').catch(() => null)
}
