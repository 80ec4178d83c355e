// A folder for one test, removed when the test disposes of it: `await using folder = await testFolder()`.
import { mkdtempSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

/** `mode` is that of the folder; mkdtemp makes it 0700, which sandboxes of another uid can't enter. */
export async function testFolder({ mode }: { mode?: number } = {}): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'glovebox-test-'))
  if (mode !== undefined) await chmod(path, mode)
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** The same for helpers that are not asynchronous: removed when the test that called it has ended. */
export function folderOfThisTest(): string {
  const path = mkdtempSync(join(tmpdir(), 'glovebox-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
