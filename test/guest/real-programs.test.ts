import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildGuest } from './build-guest.ts'
import { argvs, files, isInOrder } from './read-reports.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

let box: GuestUnderTest
beforeAll(async () => {
  buildGuest()
  box = await startGuest()
}, 300_000)
afterAll(async () => {
  expect(await box.guest.coverage()).toMatchObject({ dropped: 0, complete: true })
  await box[Symbol.asyncDispose]()
})

const GIT = 'git -c user.name=a -c user.email=a@example.com'

test('git makes, clones and commits to a repository', async () => {
  const { code, stderr, reports } = await sh(
    box.guest,
    `set -e; git init -q origin; cd origin; echo x > file; git add file; ${GIT} commit -qm one; cd ..; git clone -q origin copy; cat copy/file`,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(argvs(reports).some((argv) => argv.includes('clone'))).toBe(true)
  expect(
    files(reports).renamed.some(
      (move) =>
        move.endsWith('/workspace/origin/.git/refs/heads/master') ||
        move.endsWith('/workspace/origin/.git/refs/heads/main'),
    ),
  ).toBe(true)
  expect(isInOrder(reports)).toBe(true)
}, 30_000)

test('node runs, with worker threads and child processes', async () => {
  const script =
    "const { Worker } = require('worker_threads'); const { execFileSync } = require('child_process'); new Worker('require(\"fs\").writeFileSync(\"from-worker\", \"x\")', { eval: true }).on('exit', () => console.log(execFileSync('echo', ['child']).toString()))"
  const { stdout, reports } = await run(box.guest, ['node', '-e', script])
  expect(stdout).toBe('child\n\n')
  expect(files(reports).created).toEqual(['/workspace/from-worker'])
  expect(argvs(reports)).toContainEqual(['echo', 'child'])
}, 30_000)

test('make, gcc and python build and run a program', async () => {
  const makefile = 'all: hello\\n\\t./hello\\nhello: hello.c\\n\\tgcc -o hello hello.c\\n'
  const { stdout, code, reports } = await sh(
    box.guest,
    `printf '${makefile}' > Makefile; echo '#include <stdio.h>
int main(void) { return puts("built") < 0; }' > hello.c; make -s -j2 && python3 -c 'import json; print(json.dumps(1))'`,
  )
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'built\n1\n' })
  expect(files(reports).read).toContain('/workspace/hello.c')
  expect(argvs(reports)).toContainEqual(['gcc', '-o', 'hello', 'hello.c'])
}, 60_000)

/** What strace saw executed, as an independent witness. */
function straced(script: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-strace-'))
  try {
    // One log for each process: in a common one, lines of several are torn.
    const log = join(folder, 'log')
    execFileSync('strace', ['-ff', '-qq', '-s', '10000', '-e', 'trace=execve', '-o', log, 'sh', '-c', script], {
      cwd: folder,
      stdio: 'ignore',
    })
    const logs = readdirSync(folder).filter((name) => name.startsWith('log.'))
    const lines = logs
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .filter((line) => /^execve\(.*= 0$/.test(line))
    return lines.map((line) => JSON.parse(/, (\[.*\]), 0x/.exec(line)?.[1] ?? 'null') as string[])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the programs are those that strace sees', async () => {
  const script =
    "for i in 1 2 3; do /bin/echo $i; done | sort -r | (cat; env -i /bin/true 'a b'); find . -maxdepth 0 -exec /bin/echo {} +; xargs -n1 /bin/echo < /dev/null; sh -c 'exec /bin/true'"
  const { reports } = await sh(box.guest, script)
  const order = (list: string[][]) => list.map((argv) => JSON.stringify(argv)).toSorted()
  const executed = reports.filter((report) => report.kind !== 'process.started' || report.origin === 'exec')
  expect(order(argvs(executed))).toEqual(order(straced(script)))
}, 30_000)
