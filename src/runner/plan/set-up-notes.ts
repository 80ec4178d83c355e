// Notes at the start of a run about properties of the repository that may make steps fail, from files at the commit.
// The files are attacker-controlled and are only compared and quoted.
import { satisfies } from 'semver'
import { printable } from '../../domain/byte-text.ts'
import type { ReachSet } from '../../domain/reach.ts'
import type { Toolchain } from '../../sandbox/types.ts'
import type { SetUpFiles } from './set-up-files.ts'
import { type WantedNode, wantedNode } from './wanted-node.ts'

export function setUpNotes(
  files: SetUpFiles,
  { toolchain, hosts }: { toolchain: Toolchain; hosts: ReachSet },
): string[] {
  const granted = hosts.git.length > 0
  return [
    ...wantedNode(files).flatMap((wanted) => nodeNote(wanted, toolchain)),
    ...(files.has('.gitmodules') && !granted
      ? ['the repository has submodules, but the task may reach no host from which they could be fetched']
      : []),
    ...(/^[^#].*\bfilter=lfs\b/m.test(files.get('.gitattributes') ?? '')
      ? ['the repository keeps files in Git LFS: in the sandbox they are pointers until a step runs `git lfs pull`']
      : []),
  ].map((note) => `${note}; see docs/tasks.md`)
}

function nodeNote({ file, text, range }: WantedNode, { versions }: Toolchain): string[] {
  const has = versions['node']
  if (has === undefined || satisfies(has, range)) return []
  return [
    `${file} wants Node ${printable(text).slice(0, 100)}, but the sandbox has ${has}: a task can name a toolchain`,
  ]
}
