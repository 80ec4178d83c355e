import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HostGit } from './host-git.ts'
import { createHostGit } from './host-git.ts'
import { initBare } from './init-bare.ts'

let folder: string
let git: HostGit
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glovebox-host-git-'))
  git = await createHostGit({ path: '/usr/local/bin:/usr/bin:/bin', folder: join(folder, 'host') })
  await initBare(git, join(folder, 'r.git'), { format: 'sha1', branch: 'main' })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a fresh repository has no hooks', async () => {
  expect(await readdir(join(folder, 'r.git'))).not.toContain('hooks')
})

test('a failure contains the error output of git', async () => {
  const failed = git.run({ gitDir: join(folder, 'r.git'), argv: ['cat-file', '-p', 'HEAD'] })
  await expect(failed).rejects.toMatchObject({
    name: 'GitError',
    code: 'failed',
    argv: ['cat-file', '-p', 'HEAD'],
    stderr: expect.stringContaining('HEAD'),
  })
})

test('too much output, a timeout and an abort each stop git', async () => {
  const endless = () =>
    Readable.from(
      (function* () {
        for (;;) yield Buffer.from('x'.repeat(1000))
      })(),
    )
  const hash = { gitDir: join(folder, 'r.git'), argv: ['hash-object', '--stdin'] }
  await expect(git.run({ argv: ['help', '-a'], maxOutput: 100 })).rejects.toMatchObject({ code: 'too-large' })
  await expect(git.run({ ...hash, input: endless(), timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' })
  await expect(git.run({ ...hash, input: endless(), signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    code: 'aborted',
  })
})

test('limits memory and CPU time of git and its children, even if Glovebox no longer runs', async () => {
  const limits = (extra: object) =>
    git.run({ argv: ['-c', 'alias.limits=!ulimit -d; ulimit -t; ulimit -f', 'limits'], ...extra })
  expect((await limits({})).stdout.toString()).toBe('4194304\n480\nunlimited\n')
  expect((await limits({ memoryBytes: 1024 ** 3, timeoutMs: 1500 })).stdout.toString()).toBe('1048576\n6\nunlimited\n')
  const large = Readable.from(
    (function* () {
      for (let at = 0; at < 64; at++) yield Buffer.alloc(1024 * 1024)
    })(),
  )
  const hash = { gitDir: join(folder, 'r.git'), argv: ['hash-object', '--stdin'], input: large }
  await expect(git.run({ ...hash, memoryBytes: 32 * 1024 ** 2 })).rejects.toMatchObject({ code: 'failed' })
})

test('reports the error of a failing input', async () => {
  const input = Readable.from(
    (async function* () {
      yield Buffer.from('x')
      throw new Error('the pack is over')
    })(),
  )
  await expect(git.run({ gitDir: join(folder, 'r.git'), argv: ['hash-object', '--stdin'], input })).rejects.toThrow(
    'the pack is over',
  )
})

test('the exit code of git counts, even if git ended before its input did', async () => {
  const empty = Buffer.from('PACK\0\0\0\u0002\0\0\0\0')
  const pack = Buffer.concat([empty, createHash('sha1').update(empty).digest()])
  for (let tries = 0; tries < 10; tries++) {
    const endless = new Readable({ read() {} })
    endless.push(pack)
    const { code } = await git.run({ gitDir: join(folder, 'r.git'), argv: ['index-pack', '--stdin'], input: endless })
    expect(code).toBe(0)
  }
})

test('refuses each transport that the call does not name', async () => {
  await expect(git.run({ argv: ['ls-remote', '--end-of-options', join(folder, 'r.git')] })).rejects.toMatchObject({
    stderr: expect.stringContaining("transport 'file' not allowed"),
  })
  await expect(
    git.run({ argv: ['ls-remote', '--end-of-options', 'ext::sh -c id'], protocols: ['file'] }),
  ).rejects.toMatchObject({ stderr: expect.stringContaining("transport 'ext' not allowed") })
})

test('git inherits no environment variable from the server', async () => {
  const { stdout } = await git.run({ argv: ['-c', 'alias.env=!env', 'env'] })
  const names = stdout
    .toString()
    .split('\n')
    .map((line) => line.split('=')[0])
    .filter((name) => name !== '' && !name?.startsWith('GIT_'))
  expect(names.toSorted()).toEqual(expect.arrayContaining(['HOME', 'LC_ALL', 'PATH', 'TZ']))
  expect(stdout.toString()).not.toContain('VITEST')
})

test('runs work with the same key one at a time, also after a failure', async () => {
  const seen: string[] = []
  const work = (name: string, fail = false) =>
    git.exclusive('k', async () => {
      seen.push(`${name} in`)
      await new Promise((resolve) => setTimeout(resolve, 10))
      seen.push(`${name} out`)
      if (fail) throw new Error(name)
    })
  const results = await Promise.allSettled([work('a', true), work('b'), work('c')])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
})
