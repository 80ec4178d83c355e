// Faulty objects from old histories. Today's git does not create them, but a plain `git clone` accepts each.
import type { ClientGit } from './client-git.ts'
import { mustGit } from './client-git.ts'

type Where = { cwd: string }
const PERSON = 'Ada <ada@example.com> 1500000000 +0000'

export async function storeObject(
  client: ClientGit,
  where: Where,
  type: 'commit' | 'tree' | 'blob',
  input: string | Uint8Array,
): Promise<string> {
  return mustGit(client, ['hash-object', '-w', '-t', type, '--literally', '--stdin'], { ...where, input })
}

/** Bytes of a tree with these entries, in the order given. */
export function treeOf(...entries: [mode: string, name: string, id: string][]): Uint8Array {
  return Buffer.concat(
    entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  )
}

export interface CommitParts {
  tree: string
  parents?: readonly string[]
  /** Whole lines in place of the author line. */
  author?: string
  committer?: string
  message?: string
}

export function commitText(parts: CommitParts): string {
  const { tree, parents = [], author = `author ${PERSON}`, committer = `committer ${PERSON}`, message = 'x' } = parts
  return [`tree ${tree}`, ...parents.map((id) => `parent ${id}`), author, committer, '', message, ''].join('\n')
}

/** Faults of commits in old histories. By default the tree is that of `base`. */
export const ODD_COMMITS: Readonly<Record<string, Partial<CommitParts>>> = {
  'no blank before the address': { author: 'author Ada<ada@example.com> 1500000000 +0000' },
  'no name': { author: 'author <ada@example.com> 1500000000 +0000' },
  'a date that is none': { author: 'author Ada <ada@example.com> abc +0000' },
  'a date out of all bounds': { author: 'author Ada <ada@example.com> 99999999999999999999 +0000' },
  'a date with a zero in front': { committer: 'committer Ada <ada@example.com> 01500000000 +0000' },
  'a strange time zone': { author: 'author Ada <ada@example.com> 1500000000 +051800' },
  'two authors': { author: `author ${PERSON}\nauthor ${PERSON}` },
  'a NUL in the message': { message: 'x\0y' },
}
