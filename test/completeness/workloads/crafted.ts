// Small programs; each exercises one way in which a recorder can miss an action.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAMS } from '../ground.ts'
import type { Workload } from '../workload.ts'
import { seedFiles } from './seed-files.ts'

const PLAIN = seedFiles({ input: 'input\n', untouched: 'x\n', shared: 'x\n', 'folder/inside': 'inside\n' })

function sh(script: string): readonly string[] {
  return ['/bin/sh', '-c', script]
}

export const CRAFTED: readonly Workload[] = [
  {
    name: '2000-processes',
    meaning: '2,000 processes, each of a program that ends at once',
    argv: sh('i=0; while [ $i -lt 2000 ]; do /bin/true $i; i=$((i + 1)); done'),
    atLeast: { programs: 2001 },
  },
  {
    name: '64-threads',
    meaning: '64 threads that open, create and remove files at once',
    seed: PLAIN,
    argv: [`${PROGRAMS}/threads`],
    atLeast: { threads: 65, created: 64 * 21, read: 641, removed: 640 },
  },
  {
    name: 'vfork-and-posix-spawn',
    meaning: 'fork, vfork, clone, posix_spawn and posix_spawnp, one program after the other, an empty argv',
    seed: PLAIN,
    argv: [`${PROGRAMS}/spawns`],
    atLeast: { programs: 10, refusedPrograms: 2, created: 1 },
  },
  {
    name: 'execveat-and-memfd',
    meaning: 'programs executed by descriptor: execveat, fexecve, from memory, without a name, a script',
    seed: seedFiles({ 'script.sh': '#!/bin/sh -e\nread line < input\n', input: 'input\n' }),
    argv: [`${PROGRAMS}/by-descriptor`],
    atLeast: { programs: 11, read: 2, removed: 1 },
  },
  {
    name: 'scripts',
    meaning:
      'scripts with an interpreter, with its argument, with an interpreter that is a script, without a first line',
    seed: seedFiles({
      'plain.sh': '#!/bin/sh\ncat input\n',
      'with-argument.sh': '#! /bin/sh -e  \ncat input\n',
      'by-env.sh': '#!/usr/bin/env sh\n./folder/nested with "two words"\n',
      'folder/nested': '#!/workspace/folder/interpreter an argument\nnothing\n',
      'folder/interpreter': '#!/bin/sh\nread line < "$2" && echo "$# $line"\n',
      'no-first-line': 'cat input\n',
      input: 'input\n',
    }),
    argv: sh(
      'chmod +x no-first-line; ./plain.sh; ./with-argument.sh; PATH=.:$PATH by-env.sh; ./no-first-line; cd folder; ../folder/nested',
    ),
    atLeast: { programs: 10, refusedPrograms: 1, read: 3 },
  },
  {
    name: 'static-binary',
    meaning: 'a program without a loader or libraries, executed again with an empty environment',
    seed: PLAIN,
    argv: [`${PROGRAMS}/static-program`],
    atLeast: { programs: 2, read: 1, created: 1, renamed: 1 },
  },
  {
    name: 'outlives-its-parent',
    meaning: 'a process that works on after its parent, and its parent\u2019s parent, are gone',
    seed: PLAIN,
    argv: sh(`${PROGRAMS}/outlives | cat`),
    atLeast: { programs: 4, created: 1, read: 1 },
  },
  {
    name: '10-level-tree',
    meaning: 'a tree of processes ten levels deep, each a program that leaves a file',
    argv: [`${PROGRAMS}/tree`],
    atLeast: { programs: 11, created: 11 },
  },
  {
    name: 'relative-paths',
    meaning: 'relative paths, openat with folder descriptors, openat2, a thread with its own working directory',
    seed: PLAIN,
    argv: [`${PROGRAMS}/places`],
    atLeast: { created: 20, removed: 2, renamed: 1 },
  },
  {
    name: 'symlinks-links-and-renames',
    meaning: 'symlinks on the way and at the end, hard links, renames across folders, exchanges; and what is refused',
    argv: [`${PROGRAMS}/names`],
    atLeast: { created: 20, renamed: 7, read: 4, removed: 3 },
  },
  {
    name: 'long-paths',
    meaning: 'paths and symlinks of exactly as many bytes as the kernel takes',
    seed: PLAIN,
    argv: [`${PROGRAMS}/long-paths`],
    atLeast: { created: 5, renamed: 2, read: 1, written: 3, removed: 1 },
  },
  {
    name: 'long-dangling-link',
    meaning: 'a file made through a dangling symlink of as many bytes as the kernel takes',
    argv: [`${PROGRAMS}/long-paths`, 'dangling'],
    atLeast: { created: 2, written: 1 },
  },
  {
    name: 'old-calls',
    meaning: 'open, creat, mkdir, mknod, link, symlink, rename and unlink without descriptors of folders',
    seed: PLAIN,
    argv: [`${PROGRAMS}/old-calls`],
    atLeast: { programs: 1, created: process.arch === 'x64' ? 8 : 0 },
  },
  {
    name: 'o-path-and-removed-files',
    meaning: 'O_PATH and then /proc/self/fd, files removed while open and opened again',
    seed: PLAIN,
    argv: [`${PROGRAMS}/no-names`],
    atLeast: { created: 5, read: 4, removed: 2, renamed: 1 },
  },
  {
    name: 'removed-name',
    meaning: 'a file opened again through its descriptor after its first name was removed and a second one stayed',
    argv: [`${PROGRAMS}/other-name`],
    atLeast: { read: 1, created: 2, removed: 1 },
  },
  {
    name: 'undumpable',
    meaning: 'a process that makes itself undumpable, and its child',
    seed: PLAIN,
    argv: [`${PROGRAMS}/undumpable`],
    atLeast: { programs: 2, created: 6, removed: 1, renamed: 2 },
  },
  {
    name: 'undumpable-by-descriptor',
    meaning: 'an undumpable process that opens its own descriptors by /proc/self/fd, /dev/fd and below them',
    seed: PLAIN,
    argv: sh(
      `for way in self dev folder cwd root thread exe; do ${PROGRAMS}/undumpable-descriptors $way || exit; done`,
    ),
    atLeast: { programs: 8, read: 1, written: 2, created: 1 },
  },
  {
    name: 'closed-parents',
    meaning: 'work in a folder whose parents can no longer be entered',
    argv: [`${PROGRAMS}/closed-parents`],
    atLeast: { created: 6, written: 3, read: 1, renamed: 1 },
  },
  {
    name: 'unreadable-program',
    meaning: 'a program that may be executed but not read; the kernel makes it undumpable',
    seed: PLAIN,
    argv: sh(
      'cp /bin/bash b; chmod 111 b; ./b -c "echo x > made; cd folder; cat < inside > ../copy; mv ../copy moved; ../b -c : 3<../input"',
    ),
    atLeast: { programs: 7, read: 2, written: 3, renamed: 1 },
  },
  {
    name: 'exec-by-another-thread',
    meaning: 'a program executed by a thread that is not the leader',
    seed: PLAIN,
    argv: [`${PROGRAMS}/other-thread`],
    atLeast: { programs: 4, refusedPrograms: 1, created: 2, read: 1, threads: 5 },
  },
  {
    name: 'refused-programs',
    meaning: 'programs that do not exist, may not be executed or have an unknown format: none of them ran',
    seed(workspace) {
      PLAIN(workspace)
      seedFiles({ 'not-executable.sh': 'echo never\n', 'no-interpreter.sh': '#!/absent\n' })(workspace)
      writeFileSync(join(workspace, 'no-format'), 'echo never\n')
      chmodSync(join(workspace, 'no-format'), 0o755)
    },
    argv: [`${PROGRAMS}/refused-programs`],
    atLeast: { programs: 2, refusedPrograms: 11 },
  },
  {
    name: 'odd-names',
    meaning: 'names and arguments with line feeds, quotes, brackets, control characters and invalid UTF-8',
    argv: sh(
      `for n in $(printf 'odd\\377') '> "x", <3<a>(deleted) = 0' "$(printf 'line\\nfeed')" "$(printf '\\033]8;;x\\007')"; do echo x > "$n"; cat "$n"; mv "$n" "$n.moved"; done; /bin/true "$(head -c 100000 /dev/zero | tr '\\0' x)" ''`,
    ),
    atLeast: { programs: 12, created: 4, renamed: 4, read: 4 },
  },
]
