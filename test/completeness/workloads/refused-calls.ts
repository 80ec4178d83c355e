// What the kernel refuses did not happen: it must not be on the record as done.
import { PROGRAMS } from '../ground.ts'
import type { Workload } from '../workload.ts'
import { seedFiles } from './seed-files.ts'

const CASES: Readonly<Record<string, string>> = {
  'bad-pointers': 'paths at addresses that hold nothing',
  'bad-descriptors': 'folders that are no descriptor or no folder',
  'long-names': 'names and paths that are too long',
  permissions: 'files and folders whose mode forbids it',
  'slashes-and-dots': 'slashes behind files, dots as last names, folders opened as files',
  'into-itself': 'a folder renamed into itself',
  'exchange-with-ancestor': 'a folder exchanged with one that it is in',
  'removed-folder': 'new names in a folder that was removed',
  'running-program': 'writing to a program that runs',
  'pipe-without-reader': 'writing to a named pipe that nobody reads, without waiting',
  'no-descriptor-left': 'opening without a descriptor to spare',
  devices: 'making devices',
  'bad-arguments': 'flags, sizes and lengths that the kernel does not take',
  'truncated-pipe': 'truncating what is no regular file',
  landlocked: 'what a process forbids itself with Landlock, which is not there in the box',
}

export const REFUSED_CALLS: readonly Workload[] = Object.entries(CASES).map(([name, meaning]) => ({
  name: `refused-${name}`,
  meaning: `refused by the kernel: ${meaning}`,
  seed: seedFiles({ input: 'input\n', 'folder/inside': 'inside\n' }),
  argv: [`${PROGRAMS}/refused-calls`, name],
  atLeast: { programs: 1 },
}))
