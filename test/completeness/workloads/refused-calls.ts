// Calls that the kernel refuses. They did nothing, so the record must not list them as done.
import { PROGRAMS } from '../ground.ts'
import type { Workload } from '../workload.ts'
import { seedFiles } from './seed-files.ts'

const CASES: Readonly<Record<string, string>> = {
  'bad-pointers': 'paths at unmapped addresses',
  'bad-descriptors': 'folder arguments that are invalid descriptors or not folders',
  'long-names': 'names and paths that are too long',
  permissions: 'access that the mode of a file or folder forbids',
  'slashes-and-dots': 'slashes behind files, dots as last names, folders opened as files',
  'into-itself': 'a folder renamed into itself',
  'exchange-with-ancestor': 'a folder exchanged with one that it is in',
  'removed-folder': 'new names in a folder that was removed',
  'running-program': 'writing to a program that runs',
  'pipe-without-reader': 'writing to a named pipe without a reader, non-blocking',
  'no-descriptor-left': 'opening without a free descriptor',
  devices: 'making devices',
  'bad-arguments': 'invalid flags, sizes and lengths',
  'truncated-pipe': 'truncating files that are not regular',
  landlocked: 'access that a Landlock rule of the process forbids (the box has no Landlock)',
}

export const REFUSED_CALLS: readonly Workload[] = Object.entries(CASES).map(([name, meaning]) => ({
  name: `refused-${name}`,
  meaning: `refused by the kernel: ${meaning}`,
  seed: seedFiles({ input: 'input\n', 'folder/inside': 'inside\n' }),
  argv: [`${PROGRAMS}/refused-calls`, name],
  atLeast: { programs: 1 },
}))
