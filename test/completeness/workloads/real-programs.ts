// Programs of everyday use.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RANDOM_NAMES } from '../compare.ts'
import type { Workload } from '../workload.ts'
import { seedFiles } from './seed-files.ts'

function sh(script: string): readonly string[] {
  return ['/bin/sh', '-e', '-c', script]
}

const PROJECT = {
  'src/add.js': 'export function add(a, b) {\n  return a + b\n}\n',
  'test/add.test.js':
    "import test from 'node:test'\nimport assert from 'node:assert'\nimport { add } from '../src/add.js'\ntest('adds', () => assert.equal(add(1, 2), 3))\n",
  'test/files.test.js':
    "import test from 'node:test'\nimport { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'\nimport { execFileSync } from 'node:child_process'\ntest('files', () => {\n  writeFileSync('made-by-a-test', 'x')\n  execFileSync('cat', ['made-by-a-test'])\n  readFileSync('package.json')\n  rmSync('made-by-a-test')\n})\n",
  'package.json': '{ "name": "project", "version": "1.0.0", "type": "module", "scripts": { "test": "node --test" } }\n',
}

const PYTHON = `import json, multiprocessing, os, subprocess, sys, tempfile
import helper

def work(number):
    with open(f'worker-{number}', 'w') as file:
        file.write(str(helper.double(number)))
    return number

if __name__ == '__main__':
    with open('input.json') as file:
        json.load(file)
    subprocess.run(['cat', 'input.json'], check=True, cwd='/workspace')
    subprocess.run('echo by a shell > by-shell', shell=True, check=True)
    subprocess.Popen(['sort'], stdin=subprocess.DEVNULL).wait()
    with multiprocessing.get_context('fork').Pool(2) as pool:
        pool.map(work, range(6), 1)
        pool.close()
        pool.join()
    spawned = [multiprocessing.get_context('spawn').Process(target=work, args=(number,)) for number in (6, 7)]
    for process in spawned:
        process.start()
    for process in spawned:
        process.join()
    for number in range(8):
        os.remove(f'worker-{number}')
    os.makedirs('deep/er')
    os.replace('by-shell', 'deep/er/by-shell')
`

const C = {
  'main.c': '#include <stdio.h>\n#include "part.h"\nint main(void) { return printf("%d\\n", part(1)) < 0; }\n',
  'part.c': '#include "part.h"\nint part(int x) { return x + 1; }\n',
  'part.h': 'int part(int x);\n',
  Makefile:
    'program: main.o part.o libpart.a\n\t$(CC) -o $@ main.o part.o\n%.o: %.c part.h\n\t$(CC) -O2 -c -o $@ $<\nlibpart.a: part.o\n\tar rc $@ part.o\ncheck: program\n\t./program > result\nclean:\n\trm -f *.o *.a program\n',
}

export const REAL_PROGRAMS: readonly Workload[] = [
  {
    name: 'git-clone',
    meaning: 'git clone, by copy and by protocol; a commit, a branch and a merge in the clone',
    seed: gitRepository,
    // git reads a file again that may have changed within the moment in which it looked: these are older than that.
    argv: sh(
      'old() { touch -d 2026-01-01 "$@"; }; git clone -q origin.git copy; git clone -q file:///workspace/origin.git fetched; cd copy; old file-*; git status --short; git checkout -q -b topic; echo new > new; old new; git add new; git commit -q -m new; git checkout -q main; git merge -q --no-edit topic; old new; git rm -q file-0; git status --short; git log --stat > ../log',
    ),
    random: [RANDOM_NAMES.gitObject, RANDOM_NAMES.gitPack, RANDOM_NAMES.gitProbe, RANDOM_NAMES.gitKeeper],
    atLeast: { programs: 20, created: 100, read: 40, renamed: 10 },
  },
  {
    name: 'npm-ci',
    meaning: 'npm ci from tarballs, with a script that a package runs when it is installed',
    seed: npmProject,
    argv: sh('npm ci --offline --no-audit --no-fund --foreground-scripts; npm ls; node -e "require(\'one\')"'),
    random: [RANDOM_NAMES.npm],
    atLeast: { programs: 6, created: 10, read: 10 },
  },
  {
    name: 'test-run',
    meaning: 'npm test, with a process for each file of tests',
    seed: seedFiles(PROJECT),
    argv: sh('npm test'),
    atLeast: { programs: 6, read: 5, created: 1, removed: 1 },
  },
  {
    name: 'python',
    meaning: 'a Python script with subprocess, and multiprocessing by fork and by spawn',
    seed: seedFiles({
      'script.py': PYTHON,
      'helper.py': 'def double(x):\n    return 2 * x\n',
      'input.json': '{"a": 1}\n',
    }),
    argv: ['/usr/bin/python3', 'script.py'],
    random: [RANDOM_NAMES.python],
    atLeast: { programs: 7, read: 4, written: 9, created: 10, removed: 8, renamed: 2 },
  },
  {
    name: 'everyday-tools',
    meaning: 'cp, mv, ln, rm, tee, tar, gzip, sed, sort, find, dd, split, shred and the like, with pipes between them',
    seed: seedFiles({ input: 'input\n', 'folder/inside': 'inside\n', 'folder/deep/file': 'x\n' }),
    argv: sh(
      'cat < input | (cd folder; tee a b > /dev/null); cp -r folder copy; cp -l input hard; ln -sf input soft; mv -f copy/a copy/inside; rm -rf copy; dd if=input of=out bs=1 count=1 conv=notrunc status=none; sed -i s/x/y/ input; touch -d yesterday input; truncate -s 5 out; install -m 755 input bin; tar cf t.tar folder; mkdir un; tar xf t.tar -C un; gzip t.tar; gunzip -c t.tar.gz | tar tf - > list; find . -name inside -delete; sort -o out out; perl -pi -e 1 out; mkfifo pipe; cat pipe > got & echo hi > pipe; wait; split -b 1 input part; shred -u part*',
    ),
    random: [RANDOM_NAMES.sed, RANDOM_NAMES.perl],
    atLeast: { programs: 27, read: 8, written: 20, created: 25, removed: 8, renamed: 10 },
  },
  {
    name: 'make-and-compiler',
    meaning: 'make with two jobs at once, gcc, ar, the built program, and cleaning up',
    seed: seedFiles(C),
    argv: sh('make -s -j2 check; make -s clean'),
    random: [RANDOM_NAMES.gcc, RANDOM_NAMES.ar],
    atLeast: { programs: 15, read: 6, created: 5, removed: 4 },
  },
]

/** Creates the same objects each time: names, times and contents are fixed. */
function gitRepository(workspace: string): void {
  const work = mkdtempSync(join(tmpdir(), 'glovebox-seed-'))
  try {
    seedFiles(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`file-${n}`, `${n}\n`.repeat(n + 1)])))(work)
    git(work, 'init', '--quiet', '--initial-branch=main', '--template=')
    git(work, 'add', '--all')
    git(work, 'commit', '--quiet', '--message=One')
    git(work, 'clone', '--quiet', '--bare', '--no-hardlinks', '--template=', work, join(workspace, 'origin.git'))
  } finally {
    rmSync(work, { recursive: true })
  }
}

function git(cwd: string, ...argv: string[]): void {
  const date = '2026-01-01T00:00:00Z'
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'a'],
        [`GIT_${who}_EMAIL`, 'a@example.com'],
        [`GIT_${who}_DATE`, date],
      ]),
    ),
  }
  execFileSync('git', argv, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

function npmProject(workspace: string): void {
  mkdirSync(join(workspace, 'tarballs'))
  const one = tarball(workspace, 'one', {
    'package.json': manifest('one', { scripts: { install: 'node install.js' }, bin: { one: 'index.js' } }),
    'index.js': "#!/usr/bin/env node\nmodule.exports = require('two')\n",
    'install.js': "require('fs').writeFileSync('installed', 'x')\n",
  })
  const two = tarball(workspace, 'two', {
    'package.json': manifest('two', {}),
    'index.js': 'module.exports = 2\n',
    'lib/deep/file.js': 'x\n',
  })
  const dependencies = { one: one.resolved, two: two.resolved }
  const lock = {
    name: 'project',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'project', version: '1.0.0', dependencies },
      'node_modules/one': { version: '1.0.0', ...one, hasInstallScript: true, bin: { one: 'index.js' } },
      'node_modules/two': { version: '1.0.0', ...two },
    },
  }
  writeFileSync(join(workspace, 'package.json'), manifest('project', { dependencies }))
  writeFileSync(join(workspace, 'package-lock.json'), JSON.stringify(lock, null, 2))
}

function manifest(name: string, more: object): string {
  return JSON.stringify({ name, version: '1.0.0', ...more })
}

function tarball(workspace: string, name: string, files: Record<string, string>) {
  const work = mkdtempSync(join(tmpdir(), 'glovebox-seed-'))
  try {
    seedFiles(Object.fromEntries(Object.entries(files).map(([path, text]) => [`package/${path}`, text])))(work)
    const path = join(workspace, 'tarballs', `${name}-1.0.0.tgz`)
    const fixed = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
    execFileSync('tar', ['-C', work, ...fixed, '-czf', path, 'package'])
    const integrity = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`
    return { resolved: `file:tarballs/${name}-1.0.0.tgz`, integrity }
  } finally {
    rmSync(work, { recursive: true })
  }
}
