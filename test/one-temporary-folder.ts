// vitest's globalSetup: every temporary file of a test run lies in one folder, and a test that leaves one behind fails the
// run. The workers, and what they start, find the folder as TMPDIR.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Node keeps compiled code here, for every program that asks for it. */
const CACHES = ['node-compile-cache', 'v8-compile-cache-0']

let folder = ''

export function setup(): void {
  // A short name: paths of unix sockets below it must fit into 107 bytes.
  folder = mkdtempSync(join(tmpdir(), 'gb-'))
  // Sandboxes of another user id pass through it.
  chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
}

export function teardown(): void {
  const left = readdirSync(folder).filter((name) => !CACHES.includes(name))
  rmSync(folder, { recursive: true, force: true })
  if (left.length > 0)
    throw new Error(`tests left these behind in their temporary folder: ${left.toSorted().join(', ')}`)
}
