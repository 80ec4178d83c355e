// Whatever threads and processes do to each other's paths and descriptors: a file of the workspace that was read, written,
// made or removed is on the record, or the record does not call itself complete. Programs are made from seeds; the files
// themselves and what was seen of them say what was done.
import { chown, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { GuestReport } from '../../src/sandbox/types.ts'
import { IS_ROOT } from '../machine.ts'
import { BINARIES, buildGuest } from './build-guest.ts'
import { files, text } from './read-reports.ts'
import type { Files } from './read-reports.ts'
import { run, startGuest } from './start-guest.ts'
import type { GuestUnderTest } from './start-guest.ts'

/** A seed to look at again, and how long one test goes on. */
const SEED = Number(process.env['SCHEDULES_SEED'] ?? Date.now() % 1_000_000_000)
const BUDGET_MS = Number(process.env['SCHEDULES_MS'] ?? 12_000)
const FILES_EACH = 8

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: programs made from seeds', (binary) => {
  test(
    'no schedule leaves a complete record with a file that is not on it',
    async () => {
      const end = Date.now() + BUDGET_MS
      let seen = 0
      for (let seed = SEED; Date.now() < end; seed++) {
        await using box = await startGuest({ binary })
        const found = await runSeed(box, seed)
        seen += found.seen
        expect({ seed, ...found }).toMatchObject({ seed, complete: true, allowed: [], unlisted: [] })
      }
      expect(seen).toBeGreaterThan(0)
    },
    BUDGET_MS + 60_000,
  )
})

async function runSeed(box: GuestUnderTest, seed: number) {
  const folder = `s${seed}`
  await makeFiles(join(box.workspace, folder))
  const before = await contents(join(box.workspace, folder))
  const program = ['/run/glovebox/programs/schedules', String(seed), '250']
  const { stdout, reports } = await run(box.guest, program, { cwd: `/workspace/${folder}` })
  const after = await contents(join(box.workspace, folder))
  const { complete } = await box.guest.coverage()
  const listed = files(reports)
  const read = [...stdout.matchAll(/^read (\d)$/gm)].map(([, number]) => `secret-${number}`)
  const path = (name: string) => `/workspace/${folder}/${name}`
  const unread = read.filter((name) => !listed.read.includes(path(name))).map((name) => `read ${name}`)
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  )
  const touched = touchedNames(listed, reports)
  const unwritten = changed.filter((name) => !touched.has(path(name))).map((name) => `changed ${name}`)
  return {
    complete,
    allowed: stdout.match(/^allowed .*$/gm) ?? [],
    unlisted: [...unread, ...unwritten],
    seen: read.length,
  }
}

/** Names that the record says were changed, and other names of the same files. */
function touchedNames(listed: Files, reports: readonly GuestReport[]): Set<string> {
  const touched = new Set([...listed.written, ...listed.created, ...listed.removed])
  const pairs = reports.flatMap((report) =>
    report.kind === 'file.accessed' ? [...report.renamed, ...(report.linked ?? [])] : [],
  )
  const names = pairs.map(({ from, to }) => [text(from), text(to)] as const)
  for (const report of reports)
    if (report.kind === 'file.accessed')
      for (const { from, to } of report.renamed) touched.add(text(from)).add(text(to))
  for (let size = -1; size !== touched.size;) {
    size = touched.size
    for (const [from, to] of names) if (touched.has(to)) touched.add(from)
  }
  return touched
}

async function makeFiles(folder: string): Promise<void> {
  await mkdir(join(folder, 'folder'), { recursive: true })
  for (let i = 0; i < FILES_EACH; i++) {
    const script = i >= FILES_EACH - 2 ? '#!/bin/cat\n' : ''
    await writeFile(join(folder, `secret-${i}`), `${script}canary-${i}-\n`.padEnd(150, '.'), { mode: 0o755 })
    await writeFile(join(folder, `victim-${i}`), `victim-${i}\n`.padEnd(150, '.'))
    await symlink(`secret-${i}`, join(folder, `link-${i}`))
    await symlink(`/proc/self/cwd/secret-${i}`, join(folder, `sly-${i}`))
  }
  await symlink('.', join(folder, 'again'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  if (!IS_ROOT) return
  const owner = await lstat(join(folder, '..'))
  for (const name of [...(await readdir(folder)), '.'])
    await (name === '.' || !(await lstat(join(folder, name))).isSymbolicLink()
      ? chown(join(folder, name), owner.uid, owner.gid)
      : null)
}

async function contents(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const kind = entry.isFile() ? (await readFile(join(folder, entry.name))).toString('latin1') : 'no file'
    found.set(entry.name, kind)
  }
  return found
}
